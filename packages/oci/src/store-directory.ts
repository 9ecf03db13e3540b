import { chmodSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf, fileError, OciError } from './errors.js';
import { makeDirectory } from './make-directory.js';
import { openToOthers } from './open-to-others.js';
import { removeTree } from './remove-tree.js';

/** What stays in a store to which others could write: the content of blobs is verified whenever it is used. */
const verified = new Set(['blobs', 'index.json', 'oci-layout']);

/**
 * Makes the directory of a store, for this user alone, or sees to it that it is: what is unpacked and remembered there is
 * used without being looked at again. One of this user's that others may enter is closed to them; where they could
 * write to it, all goes that is not verified. Throws BUNNY_EACCESS where others can still put something there.
 */
export async function openStoreDirectory(directory: string): Promise<void> {
  try {
    makeDirectory(directory, 0o700);
    const { uid, mode } = statSync(directory);
    if (uid === process.getuid?.() && (mode & 0o077) !== 0) await close(directory, (mode & 0o022) !== 0);
    const open = openToOthers(directory);
    if (open === undefined) return;
    throw new OciError('BUNNY_EACCESS', 'somebody else may write to the store', {
      where: open,
      hint: 'take their permission away, or set BUNNY_CACHE to a directory that only you can write to',
      exitStatus: 74,
    });
  } catch (error) {
    throw fileError(error, directory);
  }
}

async function close(directory: string, wasWritable: boolean): Promise<void> {
  try {
    chmodSync(directory, 0o700);
  } catch (error) {
    // It may be read as it is.
    if (!['EROFS', 'EPERM'].includes(codeOf(error) ?? '')) throw error;
    return;
  }
  if (!wasWritable) return;
  for (const name of readdirSync(directory)) {
    if (!verified.has(name)) await removeTree(path.join(directory, name));
  }
}
