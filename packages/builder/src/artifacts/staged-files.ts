import { randomBytes } from 'node:crypto';
import { closeSync, constants, createWriteStream, fchmodSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HeldDirectory, HeldFile } from 'bunny-libos-oci';
import { fileDigest } from 'bunny-libos-tooling';

/** A file that is written, and has not got its name yet. */
interface StagedFile {
  temporary: string;
  descriptor: number;
}

/**
 * Files of one directory that appear together: each is written under another name, and none gets its own before all of
 * them are whole. What has their names stays untouched until then, and is replaced, not written to: it may be a link.
 */
export class StagedFiles {
  readonly #directory: HeldDirectory;
  readonly #staged = new Map<string, StagedFile>();
  readonly #writing: Promise<void>[] = [];

  constructor(directory: HeldDirectory) {
    this.#directory = directory;
  }

  /** Writes text, or the bytes of a stream. */
  write(name: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
    return this.#stage(name, async ({ descriptor }) => {
      if (typeof content === 'string') await writeFile(placeOf(descriptor), content);
      else
        await pipeline(Readable.from(content), createWriteStream('', { fd: descriptor, autoClose: false }));
    });
  }

  /** Copies a file, without copying its blocks where the file system can share them. */
  copy(name: string, from: HeldFile): Promise<void> {
    return this.#stage(name, async ({ descriptor }) => {
      await copyFile(from.place, placeOf(descriptor), constants.COPYFILE_FICLONE);
      fchmodSync(descriptor, (from.status.mode & 0o111) === 0 ? 0o644 : 0o755);
    });
  }

  /** The digest of what is staged under a name. */
  async digest(name: string): Promise<string> {
    const staged = this.#staged.get(name);
    if (staged === undefined) throw new Error(`${name} is not staged`);
    return await fileDigest(placeOf(staged.descriptor));
  }

  /** Gives all files their names; all of them have been written. */
  async commit(): Promise<void> {
    for (const [name, { temporary }] of this.#staged) this.#directory.rename(temporary, name);
    this.#forget();
  }

  /** Removes what was not committed, and what is still being written. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#writing);
    for (const { temporary } of this.#staged.values()) this.#directory.remove(temporary);
    this.#forget();
  }

  #forget(): void {
    for (const { descriptor } of this.#staged.values()) closeSync(descriptor);
    this.#staged.clear();
  }

  #stage(name: string, write: (file: StagedFile) => Promise<void>): Promise<void> {
    const writing = this.#write(name, write);
    this.#writing.push(writing);
    return writing;
  }

  async #write(name: string, write: (file: StagedFile) => Promise<void>): Promise<void> {
    const temporary = `.${name}.${randomBytes(6).toString('hex')}`;
    const staged = { temporary, descriptor: this.#directory.create(temporary) };
    this.#staged.set(name, staged);
    try {
      await write(staged);
    } catch (error) {
      // Whoever reads the message knows the file that was to be, not the place that only this process knows.
      const path = join(this.#directory.path, name);
      throw error instanceof Error && 'syscall' in error ? Object.assign(error, { path, dest: path }) : error;
    }
  }
}

/** A path to an open file that holds in this process. */
function placeOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
