import { chmodSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { abortedError, codeOf, fileError, OciError } from '../content/errors.js';
import { makeDirectory } from '../disk/make-directory.js';
import { GzipPadding } from './gzip-padding.js';
import { LayerWriter } from './layer-writer.js';
import { checkSymlinks } from './symlinks.js';
import { ambiguous, anotherArchive, unnamedArchive } from './tar-fields.js';
import { TarReader } from './tar-reader.js';
import { Tree } from './tree.js';

export interface UnpackLimits {
  /** Files, directories and links. */
  entries?: number | undefined;
  /** Bytes of the tar within. */
  bytes?: number | undefined;
  /** Bytes unpacked for each byte packed, judged from 64 MiB on. */
  ratio?: number | undefined;
}

export interface UnpackOptions extends UnpackLimits {
  signal?: AbortSignal | undefined;
  /** The tree is a root filesystem: absolute symlinks begin at its root. Refused otherwise. */
  rootfs?: boolean | undefined;
  /** Takes all write permission from files and directories. */
  readOnly?: boolean | undefined;
}

export interface Unpacked {
  entries: number;
  /** Bytes of the tar within. */
  bytes: number;
}

/** What is unpacked where nobody says otherwise. */
export const unpackDefaults = { entries: 500_000, bytes: 16 * 2 ** 30, ratio: 250 } as const;
const ratioFrom = 64 * 2 ** 20;

/**
 * Unpacks one gzip'd (or plain) tar into `directory`, which is made and must be empty. Refuses, with
 * BUNNY_EARCHIVE: `..`, absolute paths, links out of the root, hard links to what is not in the
 * archive, writes through symlinks, a file and a directory of one name, devices, fifos, damage;
 * with BUNNY_ELIMIT: too many entries or bytes. After an error the directory holds a part and
 * nothing was written outside it. Memory is bounded by the number of entries.
 */
export async function unpackArchive(
  packed: AsyncIterable<Uint8Array>,
  directory: string,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  const unpacker = new Unpacker(directory, options);
  await unpacker.layer(packed);
  return unpacker.finish();
}

/** Unpacks layers on top of each other, honouring whiteouts (image-spec 1.1, layer.md). Call `finish` after the last. */
export class Unpacker {
  readonly #directory: string;
  readonly #options: UnpackOptions;
  readonly #tree = new Tree();
  /** Permission bits that entries may have. */
  readonly #mask: number;
  #layer = 0;
  #entries = 0;
  #bytes = 0;

  constructor(directory: string, options: UnpackOptions = {}) {
    this.#directory = directory;
    this.#options = options;
    this.#mask = options.readOnly ? 0o555 : 0o777;
    attempt(directory, () => makeDirectory(directory));
  }

  async layer(packed: AsyncIterable<Uint8Array>): Promise<void> {
    this.#layer++;
    let taken = 0;
    const { format, chunks } = await sniff(packed);
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        taken += chunk.length;
        yield chunk;
      }
    };
    const writer = new LayerWriter(this.#directory, this.#tree, this.#layer, this.#mask, () =>
      this.#countEntry(),
    );
    const reader = new TarReader(writer);
    const before = this.#bytes;
    // The pipeline may report that the source was given up, instead of why.
    let failure: unknown;
    const consume = async (pieces: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const chunk of pieces) {
        try {
          this.#countBytes(chunk.length, this.#bytes - before, taken);
          reader.push(chunk);
        } catch (error) {
          failure = error;
          throw error;
        }
      }
      reader.end();
    };
    const signal = { signal: this.#options.signal };
    try {
      if (format === 'tar') await pipeline(readable(counted()), consume, signal);
      else {
        const padding = new GzipPadding();
        const gunzip = createGunzip({ chunkSize: 1 << 18 });
        await pipeline(readable(padding.without(counted())), gunzip, consume, signal);
        padding.requireNothingElse(gunzip.bytesWritten);
      }
    } catch (error) {
      throw archiveError(failure ?? error, this.#directory, this.#options.signal);
    } finally {
      writer.close();
    }
  }

  /** Checks what can be judged only with everything in place, and sets the modes of directories. */
  finish(): Unpacked {
    checkSymlinks(this.#tree.nodes, this.#options.rootfs ?? false);
    attempt(this.#directory, () => {
      for (const [name, node] of this.#tree.nodes) {
        if (node.kind === 'directory')
          chmodSync(path.join(this.#directory, name), (node.mode | 0o555) & this.#mask);
      }
    });
    return { entries: this.#entries, bytes: this.#bytes };
  }

  #countEntry(): void {
    const limit = this.#options.entries ?? unpackDefaults.entries;
    if (++this.#entries > limit) throw tooLarge(`has more than ${limit} entries`);
  }

  #countBytes(length: number, unpacked: number, taken: number): void {
    this.#bytes += length;
    const limit = this.#options.bytes ?? unpackDefaults.bytes;
    if (this.#bytes > limit) throw tooLarge(`unpacks to more than ${limit} bytes`);
    const ratio = this.#options.ratio ?? unpackDefaults.ratio;
    if (unpacked > ratioFrom && unpacked > taken * ratio) {
      throw tooLarge(`unpacks to more than ${ratio} times its size`);
    }
  }
}

/** Looks at the first bytes: layers are gzip'd or plain tars whatever their media type says. */
async function sniff(
  packed: AsyncIterable<Uint8Array>,
): Promise<{ format: 'gzip' | 'tar'; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = packed[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < 4) {
    const next = await iterator.next();
    if (next.done) break;
    start = Buffer.concat([start, next.value]);
  }
  if (start.toString('hex', 0, 4) === '28b52ffd') {
    await iterator.return?.();
    throw new OciError('BUNNY_EUNSUPPORTED', 'the archive is compressed with zstd, which is not read here', {
      where: unnamedArchive,
      hint: 'compress the layer with gzip',
    });
  }
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > 0) yield start;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { format: start[0] === 0x1f && start[1] === 0x8b ? 'gzip' : 'tar', chunks: chunks() };
}

function tooLarge(why: string): OciError {
  return new OciError('BUNNY_ELIMIT', `the archive ${why}`, {
    where: unnamedArchive,
    hint: 'it may be made to exhaust this machine; if it is right, raise the limit',
  });
}

function readable(chunks: AsyncIterable<Uint8Array>): Readable {
  return Readable.from(chunks, { objectMode: true, highWaterMark: 2 });
}

function archiveError(error: unknown, directory: string, signal: AbortSignal | undefined): unknown {
  const code = codeOf(error);
  if (error instanceof Error && code?.startsWith('Z_')) {
    return new OciError('BUNNY_EARCHIVE', `the archive is damaged: ${error.message}`, {
      where: unnamedArchive,
      hint: anotherArchive,
      cause: error,
    });
  }
  if (code === 'ABORT_ERR' && signal?.aborted) return abortedError(error);
  // The decompressor had its end before its input had.
  if (code === 'ABORT_ERR' || code === 'ERR_STREAM_PREMATURE_CLOSE')
    return ambiguous('something follows the end of its compressed data');
  return fileError(error, directory);
}

function attempt<T>(where: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(error, where);
  }
}
