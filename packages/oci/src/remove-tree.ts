import { chmod, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, fileError } from './errors.js';

/** Removes a tree, read-only directories included. Nothing happens where it does not exist. */
export async function removeTree(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') throw fileError(error, directory);
    await unlock(directory);
    try {
      await rm(directory, { recursive: true, force: true });
    } catch (again) {
      throw fileError(again, directory);
    }
  }
}

async function unlock(directory: string): Promise<void> {
  await chmod(directory, 0o700).catch(() => undefined);
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await unlock(path.join(directory, entry.name));
  }
}
