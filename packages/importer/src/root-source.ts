import { lstatSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { BunnyError } from 'bunny-libos-spec';
import { makeRootScript, type RootContent } from './make-root.js';
import type { NewTree } from './new-tree.js';

/**
 * The `rootfs` of a tooling.yaml in `directory` (`tooling` in the tree that is written). `given` is an image, a tar archive
 * or a directory of the user; without it a program is written to `files` that makes a root from Debian packages.
 */
export function rootSource(
  given: string | undefined,
  content: RootContent,
  directory: string,
  files: NewTree,
): object {
  if (given === undefined) {
    files.set('tooling/make-root', { content: makeRootScript(content), executable: true });
    return { command: { run: ['./make-root'], inputs: ['make-root'] } };
  }
  const [, layout] = /^oci:([^:]+)/.exec(given) ?? [];
  if (layout !== undefined) {
    if (isAbsolute(layout)) return { image: given };
    return { image: given.replace(layout, relative(resolve(directory), resolve(layout))) };
  }
  // Nothing of a tooling.yaml leads out of its directory but the reference to an image.
  if (/^\.{0,2}\//.test(given) || lstatSync(given, { throwIfNoEntry: false }) !== undefined) {
    throw new BunnyError('BUNNY_EUSAGE', 'the root is to be an OCI image', {
      where: `--root ${given}`,
      hint: 'name an image (host/path:tag, or oci:DIR:path:tag), that of another tooling layer for one; of a directory, write `rootfs` into tooling.yaml afterwards',
    });
  }
  return { image: given };
}
