import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, HeldDirectory } from 'bunny-libos-oci';
import { isLink } from './read-document-file.js';

/**
 * Replaces a text file in one step; its mode stays. What a process that was killed while it did the same has left beside
 * the file is removed. Throws BUNNY_EPATH where the file is a link, which may lead out of the project, and what the file
 * system throws.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const directory = HeldDirectory.open(dirname(path));
  try {
    const name = basename(path);
    const before = directory.status(name);
    if (before?.isSymbolicLink()) throw isLink(path, 'written');
    const ingest = `.${name}.${process.pid}.${randomBytes(6).toString('hex')}`;
    try {
      const descriptor = directory.create(ingest, before?.mode ?? 0o644);
      try {
        writeFileSync(descriptor, text);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      directory.rename(ingest, name);
    } catch (error) {
      try {
        directory.remove(ingest);
      } catch {
        // The file system refuses that, too.
      }
      // Whoever reads the message knows the lock, not the file beside it.
      throw error instanceof Error ? Object.assign(error, { path: join(directory.path, name) }) : error;
    }
    sweep(directory, name);
  } finally {
    directory.close();
  }
}

/** Removes what dead processes have left. Where that fails, the file is there all the same. */
function sweep(directory: HeldDirectory, file: string): void {
  const prefix = `.${file}.`;
  try {
    for (const name of directory.list()) {
      if (!name.startsWith(prefix)) continue;
      const [, pid] = /^(\d+)\.[0-9a-f]{12}$/.exec(name.slice(prefix.length)) ?? [];
      if (pid !== undefined && !isAlive(Number(pid))) directory.remove(name);
    }
  } catch {
    // They go another time.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
