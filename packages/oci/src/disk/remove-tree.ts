import path from 'node:path';
import { fileError, isNotFound } from '../content/errors.js';
import { removeBelow } from './empty-directory.js';
import { HeldDirectory } from './held-directory.js';

/**
 * Removes a tree, read-only directories included, and follows no link. Nothing happens where it does not exist.
 * Throws as `removeBelow`, BUNNY_EACCESS and BUNNY_EIO.
 */
export async function removeTree(directory: string): Promise<void> {
  const place = path.resolve(directory);
  try {
    const parent = HeldDirectory.open(path.dirname(place));
    try {
      await removeBelow(parent, path.basename(place));
    } finally {
      parent.close();
    }
  } catch (error) {
    if (!isNotFound(error)) throw fileError(error, directory);
  }
}
