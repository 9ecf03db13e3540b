import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BunnyError, type Lock, readLock, writeLock } from '@bunny/spec';
import { checkLock } from './lock-check.js';
import { joinConflicting } from './lock-conflict.js';

/** Name of the lock beside a Bunnyfile. */
export const lockFileName = 'bunny.lock';

/** Reads a lock. Undefined where there is none; throws BUNNY_ELOCKED and what `readLock` throws where it is damaged. */
export async function readLockFile(file: string): Promise<Lock | undefined> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  const document = readLock(text, file);
  checkLock(document);
  return document.value;
}

/**
 * As `readLockFile`, but a lock with the conflict marks of a merge comes back as both sides joined. Such
 * a lock is stale: resolving writes it anew, and keeps to its pins.
 */
export async function readMergedLockFile(file: string): Promise<Lock | undefined> {
  try {
    return await readLockFile(file);
  } catch (error) {
    if (!(error instanceof BunnyError) || error.code !== 'BUNNY_ELOCKCONFLICT') throw error;
    return joinConflicting((await readText(file)) ?? '', file);
  }
}

/** Replaces a lock in one step: after a crash at any instant the old one or the new one is there, whole. */
export function writeLockFile(file: string, lock: Lock): Promise<void> {
  return replaceFile(file, writeLock(lock));
}

/** Replaces a text file in one step; its mode stays, and a link to it stays a link. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  const file = before === undefined ? path : await realpath(path);
  const ingest = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(ingest, 'wx', before?.mode ?? 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(ingest, file);
  } catch (error) {
    await rm(ingest, { force: true });
    // Whoever reads the message knows the lock, not the file beside it.
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  }
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
