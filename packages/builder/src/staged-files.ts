import { randomBytes } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Files that appear together: each is written beside its place, and none is moved there before all of them are
 * whole. What is at their places before stays untouched until then.
 */
export class StagedFiles {
  readonly #staged = new Map<string, string>();

  /** Writes text, or the bytes of a stream. */
  async write(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
    const temporary = await this.#stage(path);
    if (typeof content === 'string') await writeFile(temporary, content);
    else await pipeline(Readable.from(content), createWriteStream(temporary));
  }

  /** Copies a file, without copying its blocks where the file system can share them. */
  async copy(path: string, from: string): Promise<void> {
    const temporary = await this.#stage(path);
    await copyFile(from, temporary, constants.COPYFILE_FICLONE);
    const { mode } = await stat(from);
    await chmod(temporary, (mode & 0o111) === 0 ? 0o644 : 0o755);
  }

  /** Where the staged content of `path` is until `commit`. */
  staged(path: string): string {
    return this.#staged.get(path) ?? path;
  }

  /** Moves all files to their places. */
  async commit(): Promise<void> {
    for (const [path, temporary] of this.#staged) await rename(temporary, path);
    this.#staged.clear();
  }

  /** Removes what was not committed. */
  async discard(): Promise<void> {
    for (const temporary of this.#staged.values()) await rm(temporary, { force: true });
    this.#staged.clear();
  }

  async #stage(path: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
    this.#staged.set(path, temporary);
    return temporary;
  }
}
