import { fdatasync, writev, writevSync } from 'node:fs';
import type { ContentIdentity } from '../content/descriptor.js';
import { Verifier, verifyBytes } from '../content/digest.js';
import { throwIfAborted } from '../content/errors.js';
import type { TransferOptions } from '../content/target.js';

export interface IngestOptions extends TransferOptions {
  /** What the content is in errors; its digest unless said. */
  where?: string | undefined;
}

/** Bytes that are gathered before they are written. */
const writeSize = 1 << 20;
/** Content up to this size is in memory as a whole before it is written. Bytes. */
const gatheredSize = 1 << 20;
/** What one system call takes (IOV_MAX is 1024). */
const maximumPieces = 512;

/** Content that is small, or in memory already, as verified pieces; large content as it is. */
export async function gatherSmall(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  descriptor: ContentIdentity,
  options: IngestOptions,
): Promise<Uint8Array[] | AsyncIterable<Uint8Array>> {
  if (content instanceof Uint8Array) {
    verifyBytes(content, descriptor, options.where);
    return [content];
  }
  if (descriptor.size > gatheredSize) return content;
  const verifier = new Verifier(descriptor, options.where);
  const pieces: Uint8Array[] = [];
  for await (const chunk of content) {
    throwIfAborted(options.signal);
    verifier.update(chunk);
    pieces.push(chunk);
    options.onBytes?.(chunk.length);
  }
  throwIfAborted(options.signal);
  verifier.finish();
  return pieces;
}

/** Writes and verifies content as it comes; the hash runs while the disk writes. */
export async function writeStream(
  fd: number,
  content: AsyncIterable<Uint8Array>,
  descriptor: ContentIdentity,
  options: IngestOptions,
): Promise<void> {
  const verifier = new Verifier(descriptor, options.where);
  let pieces: Uint8Array[] = [];
  let length = 0;
  let writing = Promise.resolve();
  try {
    for await (const chunk of content) {
      throwIfAborted(options.signal);
      verifier.update(chunk);
      pieces.push(chunk);
      length += chunk.length;
      options.onBytes?.(chunk.length);
      if (length < writeSize && pieces.length < maximumPieces) continue;
      await writing;
      writing = writeAside(fd, pieces, length);
      // It is awaited with the next piece: until then its failure is not one that nobody handles.
      writing.catch(() => undefined);
      pieces = [];
      length = 0;
    }
  } finally {
    // The file is not closed while a thread writes to it.
    await writing;
  }
  throwIfAborted(options.signal);
  writeAll(fd, pieces, length);
  verifier.finish();
}

/** Writes on another thread. */
async function writeAside(fd: number, pieces: Uint8Array[], length: number): Promise<void> {
  const written = await new Promise<number>((resolve, reject) => {
    writev(fd, pieces, (error, count) => (error === null ? resolve(count) : reject(error)));
  });
  if (written < length) writeAll(fd, after(pieces, written), length - written);
}

/** Writes all of the pieces, `length` bytes. A short write means a signal or a disk that is nearly full: the rest is written, or says why not. */
export function writeAll(fd: number, pieces: Uint8Array[], length: number): void {
  let rest = pieces;
  for (let left = length; left > 0; ) {
    const written = writevSync(fd, rest);
    left -= written;
    if (left > 0) rest = after(rest, written);
  }
}

/** What is left of the pieces after so many bytes. */
function after(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (skip < piece.length) rest.push(piece.subarray(skip));
    skip = Math.max(0, skip - piece.length);
  }
  return rest;
}

/** Waits until a file is on the disk. */
export function synchronise(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}
