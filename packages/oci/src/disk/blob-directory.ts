import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { ContentIdentity } from '../content/descriptor.js';
import { parseDigest, Verifier, verifyBytes } from '../content/digest.js';
import { fileError, isNotFound, OciError, throwIfAborted } from '../content/errors.js';
import type { TransferOptions } from '../content/target.js';
import { gatherSmall, type IngestOptions, synchronise, writeAll, writeStream } from './blob-writing.js';
import { makeDirectory } from './make-directory.js';
import { openRegular } from './open-regular.js';
import { markUsed } from './usage.js';

/** A file among the blobs. */
export interface BlobFile {
  digest: string;
  path: string;
  size: number;
  /** To the day. */
  used: Date;
}

const readSize = 1 << 18;
/** An ingest file that nobody has touched for this long has lost its writer. Milliseconds. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/**
 * The `blobs/<algorithm>/<hex>` of an image layout (image-spec 1.1, image-layout.md). A blob is written
 * to an ingest file, verified while it streams, put on the disk, and renamed, read-only: whoever sees it
 * under its name sees all of it, whenever a writer was killed or the power cut.
 */
export class BlobDirectory {
  readonly root: string;
  readonly #ingest: string;
  /** In front of the algorithm. */
  readonly #blobs: string;
  readonly #made = new Set<string>();
  /** Names of ingest files are those of this writer, in this process, and a number. */
  readonly #writer = `${process.pid}.${randomBytes(6).toString('hex')}`;
  #written = 0;

  constructor(root: string) {
    this.root = root;
    this.#ingest = path.join(root, 'ingest');
    this.#blobs = path.join(root, 'blobs') + path.sep;
  }

  path(digest: string): string {
    const { algorithm, hex } = parseDigest(digest);
    return this.#blobs + algorithm + path.sep + hex;
  }

  /** Size in bytes, or undefined where there is no such blob. */
  async size(digest: string): Promise<number | undefined> {
    return this.#status(digest)?.size;
  }

  async has(descriptor: ContentIdentity): Promise<boolean> {
    return (await this.size(descriptor.digest)) === descriptor.size;
  }

  /** All bytes of a blob, unverified, or undefined where there is none. Throws BUNNY_ELIMIT where there are more than `limit`. */
  async readRaw(digest: string, limit: number = Number.POSITIVE_INFINITY): Promise<Buffer | undefined> {
    const size = await this.size(digest);
    if (size !== undefined && size > limit) {
      throw new OciError('BUNNY_ELIMIT', `the blob has ${size} bytes; at most ${limit} are read here`, {
        where: this.path(digest),
        hint: 'nothing that is meant to be read whole is so large: do not trust whoever wrote it',
      });
    }
    try {
      const handle = await openRegular(this.path(digest));
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw fileError(error, this.path(digest));
    }
  }

  /** All bytes, verified. Throws BUNNY_ENOTFOUND, BUNNY_ESIZE, BUNNY_EDIGEST. */
  async read(descriptor: ContentIdentity): Promise<Buffer> {
    const bytes = await this.readRaw(descriptor.digest);
    if (bytes === undefined) throw this.#missing(descriptor);
    verifyBytes(bytes, descriptor, this.path(descriptor.digest));
    return bytes;
  }

  /** Streams a blob and verifies it; as `Target.fetch`. */
  async *stream(
    descriptor: ContentIdentity,
    options: TransferOptions = {},
  ): AsyncGenerator<Uint8Array, void> {
    const file = this.path(descriptor.digest);
    const verifier = new Verifier(descriptor, file);
    let handle: FileHandle;
    try {
      handle = await openRegular(file);
    } catch (error) {
      throw isNotFound(error) ? this.#missing(descriptor) : fileError(error, file);
    }
    try {
      let held: Uint8Array | undefined;
      for (;;) {
        throwIfAborted(options.signal);
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(readSize), 0, readSize);
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        verifier.update(chunk);
        options.onBytes?.(bytesRead);
        if (held !== undefined) yield held;
        held = chunk;
      }
      verifier.finish();
      if (held !== undefined) yield held;
    } catch (error) {
      throw fileError(error, file);
    } finally {
      await handle.close();
    }
  }

  /**
   * Stores content under its digest, verified. Bytes that do not fit the descriptor leave nothing
   * behind. Throws BUNNY_ESIZE, BUNNY_EDIGEST, BUNNY_ENOSPACE, BUNNY_EIO, BUNNY_EABORTED.
   */
  async write(
    descriptor: ContentIdentity,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: IngestOptions = {},
  ): Promise<string> {
    const target = this.path(descriptor.digest);
    const temporary = `${this.#ingest}${path.sep}${this.#writer}.${this.#written++}`;
    try {
      this.#prepare(this.#blobs + parseDigest(descriptor.digest).algorithm);
      await this.#create(temporary, descriptor, content, options);
      renameSync(temporary, target);
      return target;
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw fileError(error, target);
    }
  }

  async remove(digest: string): Promise<boolean> {
    try {
      await unlink(this.path(digest));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw fileError(error, this.path(digest));
    }
  }

  /** As `has`, and says that the blob is used, so that pruning by age spares it. */
  async use(descriptor: ContentIdentity): Promise<boolean> {
    const status = this.#status(descriptor.digest);
    if (status?.size !== descriptor.size) return false;
    await markUsed(this.path(descriptor.digest), status.mtimeMs);
    return true;
  }

  /** All files among the blobs, sorted; the digest is made of the name, and may be none. */
  async list(): Promise<BlobFile[]> {
    const found: BlobFile[] = [];
    for (const algorithm of ['sha256', 'sha512']) {
      const directory = path.join(this.root, 'blobs', algorithm);
      const names = await readdir(directory).catch((error: unknown) => {
        if (isNotFound(error)) return [];
        throw fileError(error, directory);
      });
      for (const name of names.sort()) {
        const file = path.join(directory, name);
        const status = await stat(file).catch(() => undefined);
        if (!status?.isFile()) continue;
        found.push({ digest: `${algorithm}:${name}`, path: file, size: status.size, used: status.mtime });
      }
    }
    return found;
  }

  /** Removes ingest files whose writers are gone; returns the bytes that this freed. */
  async sweep(now: number): Promise<number> {
    let freed = 0;
    for (const name of await readdir(this.#ingest).catch(() => [])) {
      const file = path.join(this.#ingest, name);
      const status = await stat(file).catch(() => undefined);
      if (status === undefined || now - status.mtimeMs < abandonedAfter) continue;
      freed += status.size;
      await unlink(file).catch(() => undefined);
    }
    return freed;
  }

  /** One system call, which takes less time than handing it to another thread. */
  #status(digest: string): Stats | undefined {
    const file = this.path(digest);
    try {
      const status = statSync(file, { throwIfNoEntry: false });
      return status?.isFile() ? status : undefined;
    } catch (error) {
      throw fileError(error, file);
    }
  }

  #prepare(directory: string): void {
    for (const each of [this.#ingest, directory]) {
      if (this.#made.has(each)) continue;
      makeDirectory(each);
      this.#made.add(each);
    }
  }

  /**
   * Makes a file and fills it. Opening and closing take less time than handing them to another thread;
   * only waiting for the disk is worth that.
   */
  async #create(
    file: string,
    descriptor: ContentIdentity,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: IngestOptions,
  ): Promise<void> {
    // Small content is gathered and verified before any file is made.
    const ready = await gatherSmall(content, descriptor, options);
    const fd = this.#open(file);
    try {
      if (Array.isArray(ready)) writeAll(fd, ready, descriptor.size);
      else await writeStream(fd, ready, descriptor, options);
      await synchronise(fd);
    } finally {
      closeSync(fd);
    }
  }

  #open(file: string): number {
    try {
      return openSync(file, 'wx', 0o444);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Somebody removed the directories since they were made.
      for (const each of this.#made) makeDirectory(each);
      return openSync(file, 'wx', 0o444);
    }
  }

  #missing(descriptor: ContentIdentity): OciError {
    return new OciError('BUNNY_ENOTFOUND', `no such blob in ${this.root}`, {
      where: descriptor.digest,
      hint: 'put it back there, or read from another source',
    });
  }
}
