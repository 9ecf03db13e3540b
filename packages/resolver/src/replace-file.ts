import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

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
