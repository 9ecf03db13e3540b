import { mkdir } from 'node:fs/promises';

/**
 * Makes a directory, with those above it, where it is missing. On a read-only file system Node says ENOENT when it is
 * asked for those above too; asked for the one alone it says what is wrong.
 */
export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return mkdir(path);
  });
}
