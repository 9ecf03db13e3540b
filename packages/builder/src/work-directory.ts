import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLock, makeDirectory } from '@bunny/oci';

/** How long one build waits for another of the same target. Milliseconds. */
const longestWait = 15 * 60_000;

/**
 * The directory `.bunny` beside a Bunnyfile, made where it is missing: all in it can be made again, and
 * version control leaves it alone.
 */
export async function openWorkRoot(directory: string): Promise<string> {
  const root = join(directory, '.bunny');
  makeDirectory(root);
  const ignored = join(root, '.gitignore');
  await writeFile(ignored, '*\n', { flag: 'wx' }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return;
    // Without its line, on a full disk, it would never get it.
    await rm(ignored, { force: true });
    throw error;
  });
  return root;
}

/** The directory beside a Bunnyfile that keeps what is made for one target between builds. */
export class WorkDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Opens `.bunny/<arch>-<platform>` below the directory of a Bunnyfile, made where it is missing. */
  static async open(directory: string, arch: string, platform: string): Promise<WorkDirectory> {
    const path = join(await openWorkRoot(directory), `${arch}-${platform}`);
    makeDirectory(path);
    return new WorkDirectory(path);
  }

  /** Runs `action` while no other process builds here. */
  hold<T>(action: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new FileLock(join(this.path, 'lock'), 'build').hold(action, { timeout: longestWait, signal });
  }

  /** Writes files that differ from what is there, so that the times of the others stay. */
  async update(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, name);
      const before = await readFile(path, 'utf8').catch(() => undefined);
      if (before !== text) await writeFile(path, text);
    }
  }

  /** Remembers that these files are the outcome of the build that `fingerprint` names. */
  async remember(fingerprint: string, files: readonly string[]): Promise<void> {
    const outcome: Outcome = { fingerprint, files: await Promise.all(files.map(statusOf)) };
    await writeFile(join(this.path, 'outcome.json'), JSON.stringify(outcome));
  }

  /** True where these files are the outcome of that build and have not been touched since. */
  async remembers(fingerprint: string, files: readonly string[]): Promise<boolean> {
    const text = await readFile(join(this.path, 'outcome.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return false;
    const now = await Promise.all(files.map(statusOf)).catch(() => undefined);
    return now !== undefined && text === JSON.stringify({ fingerprint, files: now } satisfies Outcome);
  }
}

interface Outcome {
  fingerprint: string;
  files: { path: string; size: number; modified: number }[];
}

async function statusOf(path: string): Promise<Outcome['files'][number]> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, modified: mtimeMs };
}
