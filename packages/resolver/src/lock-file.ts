import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Lock, readLock, writeLock } from '@bunny/spec';

/** Name of the lock beside a Bunnyfile. */
export const lockFileName = 'bunny.lock';

/** Reads a lock. Undefined where there is none; throws what `readLock` throws where it is damaged. */
export async function readLockFile(file: string): Promise<Lock | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return readLock(text, file).value;
}

/** Replaces a lock in one step: after a crash at any instant the old one or the new one is there, whole. */
export async function writeLockFile(file: string, lock: Lock): Promise<void> {
  const ingest = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(ingest, 'wx', 0o644);
    try {
      await handle.writeFile(writeLock(lock));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(ingest, file);
  } catch (error) {
    await rm(ingest, { force: true });
    throw error;
  }
}
