import { randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { chmod, copyFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeDirectory } from '@bunny/oci';

/**
 * Files that appear together: each is written beside its place, and none is moved there before all of them are
 * whole. What is at their places before stays untouched until then.
 */
export class StagedFiles {
  readonly #staged = new Map<string, string>();
  readonly #writing: Promise<void>[] = [];

  /** Writes text, or the bytes of a stream. */
  write(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
    return this.#stage(path, async (temporary) => {
      if (typeof content === 'string') await writeFile(temporary, content);
      else await pipeline(Readable.from(content), createWriteStream(temporary));
    });
  }

  /** Copies a file, without copying its blocks where the file system can share them. */
  copy(path: string, from: string): Promise<void> {
    return this.#stage(path, async (temporary) => {
      await copyFile(from, temporary, constants.COPYFILE_FICLONE);
      const { mode } = await stat(from);
      await chmod(temporary, (mode & 0o111) === 0 ? 0o644 : 0o755);
    });
  }

  /** Where the staged content of `path` is until `commit`. */
  staged(path: string): string {
    return this.#staged.get(path) ?? path;
  }

  /** Moves all files to their places; all of them have been written. */
  async commit(): Promise<void> {
    for (const [path, temporary] of this.#staged) await rename(temporary, path);
    this.#staged.clear();
  }

  /** Removes what was not committed, and what is still being written. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#writing);
    for (const temporary of this.#staged.values()) await rm(temporary, { force: true });
    this.#staged.clear();
  }

  #stage(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
    const writing = this.#write(path, write);
    this.#writing.push(writing);
    return writing;
  }

  async #write(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
    makeDirectory(dirname(path));
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
    this.#staged.set(path, temporary);
    await write(temporary);
  }
}
