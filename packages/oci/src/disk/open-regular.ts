import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { OciError } from '../content/errors.js';

/**
 * Opens the regular file at a path, over links. Whoever made the directory may have put something else there: a pipe would
 * wait for ever for somebody to write to it, so that it is not opened. Throws BUNNY_ENOFILE, and what the file system
 * throws.
 */
export async function openRegular(file: string): Promise<FileHandle> {
  if (!(await stat(file)).isFile()) throw isNoFile(file);
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  // It may have become another meanwhile.
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw isNoFile(file);
}

function isNoFile(file: string): OciError {
  return new OciError('BUNNY_ENOFILE', 'this is not a regular file', {
    where: file,
    hint: 'an image layout has nothing else: ask whoever made it',
    exitStatus: 2,
  });
}
