import { codeOf } from 'bunny-libos-oci';
import { BunnyError, type Lock, largestLock, readLocks, writeLocks } from 'bunny-libos-spec';
import { type ReadDocumentOptions, readDocumentFile } from '../bunnyfile/read-document-file.js';
import { replaceFile } from '../bunnyfile/replace-file.js';
import { checkLocks } from './check.js';
import { joinConflicting } from './conflict.js';

/** Name of the lock beside a Bunnyfile. */
export const lockFileName = 'bunny.lock';

/**
 * Reads a lock: what it pins for each framework. Undefined where there is none; throws BUNNY_ELOCKED and what
 * `readLocks` throws where it is damaged.
 */
export async function readLockFile(
  file: string,
  options: ReadDocumentOptions = {},
): Promise<readonly Lock[] | undefined> {
  const text = await readText(file, options);
  return text === undefined ? undefined : locksOf(text, file);
}

/**
 * As `readLockFile`, but a lock with the conflict marks of a merge comes back as both sides joined. Such
 * a lock is stale: resolving writes it anew, and keeps to its pins.
 */
export async function readMergedLockFile(
  file: string,
  options: ReadDocumentOptions = {},
): Promise<readonly Lock[] | undefined> {
  const text = await readText(file, options);
  if (text === undefined) return undefined;
  try {
    return locksOf(text, file);
  } catch (error) {
    if (!(error instanceof BunnyError) || error.code !== 'BUNNY_ELOCKCONFLICT') throw error;
    return joinConflicting(text, file);
  }
}

function locksOf(text: string, file: string): readonly Lock[] {
  const documents = readLocks(text, file);
  checkLocks(documents);
  return documents.map(({ value }) => value);
}

/** Replaces a lock in one step: after a crash at any instant the old one or the new one is there, whole. */
export function writeLockFile(file: string, locks: readonly Lock[]): Promise<void> {
  return replaceFile(file, writeLocks(locks));
}

async function readText(file: string, options: ReadDocumentOptions): Promise<string | undefined> {
  try {
    return await readDocumentFile(file, largestLock, options);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** No such file, and no link to one either. */
function isMissing(error: unknown): boolean {
  return error instanceof BunnyError && codeOf(error.cause) === 'ENOENT';
}
