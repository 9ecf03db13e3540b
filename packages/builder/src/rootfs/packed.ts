import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { FileDigest } from 'bunny-libos-spec';
import { BunnyError } from 'bunny-libos-spec';
import { sizeLimits, withNamedFile } from 'bunny-libos-tooling';
import type { StagedFiles } from '../outputs/staged-files.js';
import type { RootfsContent } from './content.js';
import { cpioSize } from './cpio.js';
import { initrd } from './initrd.js';
import { changedMeanwhile, projectFileContent } from './project-file.js';

/**
 * The root file system of an image as one file, which is packed while it is written. Whoever wrote it knows what went
 * into it, without reading anything again.
 */
export class PackedRootfs {
  readonly #content: NonNullable<RootfsContent>;
  readonly #digests = new Map<string, string>();

  constructor(content: NonNullable<RootfsContent>) {
    this.#content = content;
  }

  /**
   * Writes it as one of the outputs, to be committed with the rest. Throws BunnyError BUNNY_EROOTFS where a file of it is another than it was,
   * or is gone.
   */
  async stage(files: StagedFiles, output: string): Promise<void> {
    const content = this.#content;
    if ('path' in content) {
      const { directory, path } = content;
      const where = join(directory, path);
      const named = { directory, path, where, limit: sizeLimits.rootfs };
      const gone = () => changedMeanwhile(path, where);
      this.#seen('rootfs', await withNamedFile(named, gone, (file) => files.copy(output, file)));
      return;
    }
    await files.write(output, this.pieces());
  }

  /** Bytes of the file. */
  get size(): number {
    const content = this.#content;
    return 'path' in content ? content.size : cpioSize(content.entries);
  }

  /** Its bytes. Throws as `stage`. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const content = this.#content;
    const { directory } = content;
    if ('path' in content) {
      yield* this.#watched('rootfs', projectFileContent(directory, content.path));
      return;
    }
    const watch = ({ path }: { path: string }, bytes: AsyncIterable<Uint8Array>) =>
      this.#watched(`rootfs/${path}`, bytes);
    try {
      yield* initrd(content.entries, directory, watch);
    } catch (error) {
      throw asChange(error, directory);
    }
  }

  /** What it was packed from, as a build record has it: `rootfs/<path in it>`, or `rootfs` for a prebuilt one. */
  get inputs(): FileDigest[] {
    return [...this.#digests].map(([path, digest]) => ({ path, digest }));
  }

  async *#watched(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    for await (const piece of bytes) {
      hash.update(piece);
      yield piece;
    }
    this.#seen(path, `sha256:${hash.digest('hex')}`);
  }

  /** Several artifacts are written one after the other, and are to hold the same. */
  #seen(path: string, digest: string): void {
    const before = this.#digests.get(path);
    if (before !== undefined && before !== digest) throw changedMeanwhile(path, this.#content.directory);
    this.#digests.set(path, digest);
  }
}

/** As a cpio archive says it: an entry has another length than it had, or one that the format cannot express. */
function asChange(error: unknown, directory: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new BunnyError('BUNNY_EROOTFS', error.message, {
    where: directory,
    hint: 'build again when nothing writes to it, or leave it out of rootfs.include',
    cause: error,
  });
}
