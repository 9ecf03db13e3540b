import { mkdtemp, realpath, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileError, OciError } from '../content/errors.js';
import { openToOthers } from './open-to-others.js';

/**
 * Makes an empty directory for this user alone among the temporary files of this machine; whoever asks for it removes
 * it. Throws BUNNY_EACCESS where others could put another in its place.
 */
export async function makeTemporary(prefix: string): Promise<string> {
  const among = tmpdir();
  try {
    const directory = await mkdtemp(path.join(await realpath(among), prefix));
    const open = openToOthers(directory);
    if (open === undefined) return directory;
    await rmdir(directory);
    throw new OciError('BUNNY_EACCESS', 'somebody else may replace temporary files here', {
      where: open,
      hint: 'make the directory sticky (chmod +t), or set TMPDIR to one that only you can write to',
      exitStatus: 74,
    });
  } catch (error) {
    throw fileError(error, among);
  }
}
