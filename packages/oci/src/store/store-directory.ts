import { chmodSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf, fileError, OciError } from '../content/errors.js';
import { makeDirectory } from '../disk/make-directory.js';
import { openToOthers } from '../disk/open-to-others.js';
import { removeTree } from '../disk/remove-tree.js';

/** What Bunny keeps in a store beside blobs, whose content is verified whenever it is used. */
export const keptUnverified = ['code', 'metadata', 'publish', 'rootfs', 'trust', 'unpacked', 'uses', 'work'];

/**
 * Makes the directory of a store, for this user alone, or sees to it that it is: what is unpacked and remembered there is
 * used without being looked at again. A store of this user's that others may enter is closed to them; where they could
 * write to it, what is not verified goes. A directory with other things in it is left as it is. Throws BUNNY_EACCESS
 * where others can put something there.
 */
export async function openStoreDirectory(directory: string): Promise<void> {
  try {
    makeDirectory(directory, 0o700);
    const { uid, mode } = statSync(directory);
    const isWide = uid === process.getuid?.() && (mode & 0o077) !== 0;
    if (isWide && isStore(directory)) await close(directory, (mode & 0o022) !== 0);
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
  for (const name of keptUnverified) await removeTree(path.join(directory, name));
}

/** All that stands in a store. */
const own: ReadonlySet<string> = new Set(['blobs', 'index.json', 'ingest', 'oci-layout', ...keptUnverified]);

/**
 * Whether a directory is a store and nothing else, or may become one. What a former command left does not make it one:
 * `/` would be closed to everybody by the second command with BUNNY_CACHE=/.
 */
function isStore(directory: string): boolean {
  const names = readdirSync(directory);
  return names.length === 0 || (names.includes('oci-layout') && names.every((name) => own.has(name)));
}
