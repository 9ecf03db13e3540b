import { randomBytes } from 'node:crypto';
import { codeOf, OciError, throwIfAborted } from '../content/errors.js';
import type { ChildName, HeldDirectory } from './held-directory.js';

/** How often something is found changed under these hands before somebody is at work there. */
const mostChanges = 1000;
/** Removals between two looks at what else this process has to do. */
const removalsAtOnce = 200;

/** What is met where another process puts something else in a place, or something more. */
const changes: ReadonlySet<string | undefined> = new Set([
  'ENOTEMPTY',
  'EEXIST',
  'EISDIR',
  'ENOTDIR',
  'ENOENT',
  'BUNNY_EPATH',
  'BUNNY_ENOFILE',
]);

/**
 * Removes all that is in a directory. No link is followed, also while somebody puts them in the place of directories,
 * and nothing is too deep: what is in a directory in it is moved up before it is looked at.
 * Throws BUNNY_EIO where another process goes on writing there, BUNNY_EABORTED, and what the file system throws.
 */
export async function emptyDirectory(top: HeldDirectory, signal?: AbortSignal): Promise<void> {
  let removals = 0;
  let changed = 0;
  for (let names = top.listBytes(); names.length > 0; names = top.listBytes()) {
    for (const name of names) {
      if (++removals % removalsAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      throwIfAborted(signal);
      try {
        removeFlat(top, name);
      } catch (error) {
        if (!changes.has(codeOf(error))) throw error;
        if (++changed < mostChanges) continue;
        throw new OciError('BUNNY_EIO', 'this cannot be removed while another process goes on writing here', {
          where: top.path,
          hint: 'end that process, and run again',
          cause: error,
          exitStatus: 74,
        });
      }
    }
  }
}

/** Removes whatever has a name in a directory, if anything. Throws as `emptyDirectory`. */
export async function removeBelow(parent: HeldDirectory, name: string, signal?: AbortSignal): Promise<void> {
  if (!parent.status(name)?.isDirectory()) {
    parent.remove(name);
    return;
  }
  const directory = parent.enter(name);
  try {
    directory.unlock();
    await emptyDirectory(directory, signal);
  } finally {
    directory.close();
  }
  parent.removeDirectory(name);
}

function removeFlat(top: HeldDirectory, name: ChildName): void {
  if (!top.status(name)?.isDirectory()) {
    top.remove(name);
    return;
  }
  const directory = top.enter(name);
  try {
    directory.unlock();
    for (const below of directory.listBytes()) {
      if (directory.status(below)?.isDirectory()) moveUp(directory, below, top);
      else directory.remove(below);
    }
  } finally {
    directory.close();
  }
  top.removeDirectory(name);
}

/** Whoever moves a directory must be allowed to write to it. */
function moveUp(directory: HeldDirectory, name: ChildName, top: HeldDirectory): void {
  const below = directory.enter(name);
  try {
    below.unlock();
  } finally {
    below.close();
  }
  directory.rename(name, randomBytes(12).toString('hex'), top);
}
