import { ambiguous } from './tar-fields.js';

/** NULs that are passed on at the end of a stream, as they may belong to the last member. Bytes. */
const kept = 64;
/** NULs that turn out to be content are passed on in pieces of this size. Bytes. */
const pieceSize = 64 * 1024;

/**
 * A gzip stream without the NULs that pad it: tapes and some stores fill up their last block, and `gzip` takes such a
 * stream for whole. Node's takes it for one that broke off where the padding comes in a piece of its own, and for
 * whole where something is hidden behind it.
 */
export class GzipPadding {
  #passed = 0;
  /** NULs at the end of what was passed on. */
  #trailing = 0;

  async *without(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    // What comes last is passed on with the NULs after it in one piece, or it is taken for broken off.
    let last: Uint8Array | undefined;
    let zeros = 0;
    for await (const chunk of chunks) {
      const end = endOfContent(chunk);
      if (end > 0) {
        if (last !== undefined) yield this.#pass(last);
        for (; zeros > 0; zeros -= Math.min(zeros, pieceSize))
          yield this.#pass(new Uint8Array(Math.min(zeros, pieceSize)));
        last = chunk.subarray(0, end);
      }
      zeros += chunk.length - end;
    }
    this.#trailing = Math.min(zeros, kept);
    yield this.#pass(Buffer.concat([last ?? new Uint8Array(0), new Uint8Array(this.#trailing)]));
  }

  /** Throws BUNNY_EARCHIVE where there is more than padding after what was `read` of what was passed on. Bytes. */
  requireNothingElse(read: number): void {
    if (this.#passed - read > this.#trailing)
      throw ambiguous('something follows the end of its compressed data');
  }

  #pass(bytes: Uint8Array): Uint8Array {
    this.#passed += bytes.length;
    return bytes;
  }
}

/** The length without NULs at the end. */
function endOfContent(chunk: Uint8Array): number {
  let end = chunk.length;
  while (end > 0 && chunk[end - 1] === 0) end--;
  return end;
}
