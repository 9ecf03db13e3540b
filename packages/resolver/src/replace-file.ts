import { randomBytes } from 'node:crypto';
import { open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a text file in one step; its mode stays, and a link to it stays a link. What a process that was killed
 * while it did the same has left beside the file is removed.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  const file = before === undefined ? path : await realpath(path);
  const unique = `${process.pid}.${randomBytes(6).toString('hex')}`;
  const ingest = join(dirname(file), `.${basename(file)}.${unique}`);
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
  await sweep(file);
}

/** Removes what dead processes have left. Where that fails, the file is there all the same. */
async function sweep(file: string): Promise<void> {
  const prefix = `.${basename(file)}.`;
  for (const name of await readdir(dirname(file)).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const [, pid] = /^(\d+)\.[0-9a-f]{12}$/.exec(name.slice(prefix.length)) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(dirname(file), name), { force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
