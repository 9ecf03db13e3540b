import path from 'node:path';
import { OciError } from '../content/errors.js';
import type { HeldDirectory } from './held-directory.js';
import type { HeldFile, HeldFileOptions } from './held-file.js';

/** As the kernel has it (path_resolution(7)). */
const mostLinks = 40;

/**
 * Holds the regular file at a path below a directory, over links as long as these stay below it. Throws BUNNY_EPATH
 * where one leads out, also by an absolute path, and as `HeldDirectory.file`.
 */
export function fileWithin(root: HeldDirectory, below: string, options: HeldFileOptions): HeldFile {
  const trail = [root];
  let names = partsOf(below);
  const refused = (why: string) =>
    new OciError('BUNNY_EPATH', why, {
      where: path.join(root.path, below),
      hint: 'replace it with what it points to',
      exitStatus: 2,
    });
  let links = 0;
  try {
    for (let name = names.pop(); name !== undefined; name = names.pop()) {
      const here = trail.at(-1) ?? root;
      if (name === '..') {
        if (here === root) throw refused('this path leads out of its directory');
        trail.pop()?.close();
      } else if (here.status(name)?.isSymbolicLink()) {
        const target = here.linkTarget(name);
        if (path.isAbsolute(target)) throw refused('a link on this path leads out of its directory');
        if (++links > mostLinks) throw refused('links on this path form a loop');
        names = [...names, ...partsOf(target)];
      } else if (names.length === 0) {
        return here.file(name, options);
      } else trail.push(here.enter(name));
    }
    throw refused('this path leads to a directory');
  } finally {
    for (const directory of trail) if (directory !== root) directory.close();
  }
}

/** Its names, the last one first. */
function partsOf(text: string): string[] {
  return text
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}
