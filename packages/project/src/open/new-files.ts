import { closeSync, writeFileSync } from 'node:fs';
import { posix } from 'node:path';
import { HeldDirectory, makeDirectory } from 'bunny-libos-oci';
import { BunnyError } from 'bunny-libos-spec';

/**
 * Writes files (path -> text) below a directory, which is made where it is missing: all of them or none. Nothing that is
 * there is written over, and nothing through a link. Throws BUNNY_EEXISTS, BUNNY_EPATH, BUNNY_ENOFILE.
 */
export function writeNewFiles(directory: string, files: ReadonlyMap<string, string>): void {
  makeDirectory(directory);
  const root = HeldDirectory.open(directory);
  const written: string[] = [];
  try {
    for (const path of files.keys()) requireFree(root, path);
    for (const [path, text] of files) {
      inDirectoryOf(
        path,
        (below) => root.makeBelow(below),
        (held, name) => {
          const descriptor = held.create(name);
          written.push(path);
          try {
            writeFileSync(descriptor, text);
          } finally {
            closeSync(descriptor);
          }
        },
      );
    }
  } catch (error) {
    for (const path of written) {
      inDirectoryOf(
        path,
        (below) => root.below(below),
        (held, name) => held.remove(name),
      );
    }
    throw error;
  } finally {
    root.close();
  }
}

function requireFree(root: HeldDirectory, path: string): void {
  const directories = posix.dirname(path).split('/');
  let held = root.below('.');
  try {
    for (const name of directories) {
      if (name === '.') continue;
      if (held.status(name) === undefined) return;
      const below = held.enter(name);
      held.close();
      held = below;
    }
    if (held.status(posix.basename(path)) === undefined) return;
  } finally {
    held.close();
  }
  throw new BunnyError('BUNNY_EEXISTS', `${path} is there already`, {
    where: root.path,
    hint: 'name another directory',
  });
}

function inDirectoryOf(
  path: string,
  open: (directory: string) => HeldDirectory,
  action: (held: HeldDirectory, name: string) => void,
): void {
  const held = open(posix.dirname(path));
  try {
    action(held, posix.basename(path));
  } finally {
    held.close();
  }
}
