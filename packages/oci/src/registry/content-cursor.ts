import type { ContentIdentity } from '../content/descriptor.js';
import { verified, verifyBytes } from '../content/digest.js';
import type { Content } from '../content/target.js';

/**
 * Reads parts of content in ascending order with one pass over its stream. Going back, after a
 * failure, opens the stream anew.
 */
export class ContentCursor {
  readonly #content: Content;
  readonly #descriptor: ContentIdentity;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  /** Bytes that were read from the stream and belong to the next part. */
  #left: Uint8Array = new Uint8Array(0);
  #position = 0;

  /** Throws BUNNY_ESIZE or BUNNY_EDIGEST where bytes do not fit the descriptor; streams are checked as they are read. */
  constructor(content: Content, descriptor: ContentIdentity) {
    if (content instanceof Uint8Array) verifyBytes(content, descriptor);
    this.#content = content;
    this.#descriptor = descriptor;
  }

  /** The bytes from `start` to `end`: as they are, or a function to stream them with. */
  part(start: number, end: number): Uint8Array | (() => AsyncIterable<Uint8Array>) {
    if (this.#content instanceof Uint8Array) return this.#content.subarray(start, end);
    const open = this.#content;
    return () => this.#read(open, start, end);
  }

  async close(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    await iterator?.return?.();
  }

  async *#read(
    open: () => AsyncIterable<Uint8Array>,
    start: number,
    end: number,
  ): AsyncGenerator<Uint8Array, void> {
    if (this.#iterator === undefined || this.#position > start) {
      await this.close();
      this.#iterator = verified(open(), this.#descriptor)[Symbol.asyncIterator]();
      this.#left = new Uint8Array(0);
      this.#position = 0;
    }
    const iterator = this.#iterator;
    while (this.#position < end && iterator === this.#iterator) {
      if (this.#left.length === 0) {
        const next = await iterator.next();
        if (next.done) return;
        this.#left = next.value;
      }
      const skip = Math.min(this.#left.length, Math.max(0, start - this.#position));
      const take = Math.min(this.#left.length - skip, end - this.#position - skip);
      const piece = this.#left.subarray(skip, skip + take);
      this.#left = this.#left.subarray(skip + take);
      this.#position += skip + take;
      if (piece.length > 0) yield piece;
    }
  }
}
