import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { HeldDirectory, OnceMap, requireUtf8Names } from 'bunny-libos-oci';
import { GlobPatterns, type GlobState } from './glob-pattern.js';

/** When other things last had their turn: patterns may be many, and the files few. */
let turn = 0;

/** How long other things wait while files are looked for: a signal to the process is one. Milliseconds. */
const longestTurn = 50;

/**
 * The files and the symbolic links, to whatever they lead, that globs name below a directory: relative paths
 * with `/`, in no order. Links are not followed, and dot files are listed only where a pattern names the dot. A
 * directory that `ignore` names is left out whole. Throws BUNNY_EPATH for a name that is not UTF-8.
 */
export async function globFiles(
  directory: string,
  patterns: readonly string[],
  ignore: readonly string[] = [],
): Promise<string[]> {
  const wanted = new GlobPatterns(patterns);
  const ignored = new GlobPatterns(ignore);
  const found: string[] = [];
  const list = async (held: HeldDirectory, prefix: string, place: Place): Promise<void> => {
    for (const entry of held.entries()) {
      const { name } = entry;
      if (performance.now() - turn > longestTurn) {
        await setImmediate();
        turn = performance.now();
      }
      const next = {
        wanted: wanted.follow(place.wanted, name),
        ignored: ignored.follow(place.ignored, name),
      };
      if (next.wanted.length === 0) continue;
      if (!entry.isDirectory()) {
        if (!entry.isFile() && !entry.isSymbolicLink()) continue;
        if (!wanted.isWhole(next.wanted) || ignored.isWhole(next.ignored)) continue;
        requireUtf8Names(held, [name]);
        found.push(`${prefix}${name}`);
      } else if (wanted.goesOn(next.wanted) && !ignored.takesAllBelow(next.ignored)) {
        requireUtf8Names(held, [name]);
        const below = held.enter(name);
        try {
          await list(below, `${prefix}${name}/`, next);
        } finally {
          below.close();
        }
      }
    }
  };
  const root = HeldDirectory.open(directory);
  try {
    await list(root, '', { wanted: wanted.start, ignored: ignored.start });
  } finally {
    root.close();
  }
  return found;
}

interface Place {
  wanted: GlobState;
  ignored: GlobState;
}

/** Tells of paths in one directory whether they are symbolic links, or lead through one. */
export class LinkFinder {
  readonly #directory: string;
  readonly #known = new OnceMap<string, boolean>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The first part of a relative path that is a symbolic link; undefined where none is. */
  async linkOn(path: string): Promise<string | undefined> {
    const steps = path.split('/');
    for (const index of steps.keys()) {
      const part = steps.slice(0, index + 1).join('/');
      if (await this.#isLink(part)) return part;
    }
    return undefined;
  }

  #isLink(path: string): Promise<boolean> {
    return this.#known.get(path, () =>
      lstat(join(this.#directory, path)).then(
        (status) => status.isSymbolicLink(),
        () => false,
      ),
    );
  }
}
