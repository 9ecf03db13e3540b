import { gzipSync } from 'fflate';

/** Input bytes of one gzip member. It is part of the format: another size gives other bytes. */
export const memberSize = 1 << 20;

/**
 * Compresses one member. The code is JavaScript so that the bytes are the same on every machine and
 * Node version: Node's zlib takes other paths on other processors.
 */
function member(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { level: 6, mtime: 0 });
}

/**
 * A gzip stream (RFC 1952: one or more members) fed piece by piece. Its bytes depend on the sum of
 * the input only, not on how it was cut. Memory is bounded by one member.
 */
export class DeterministicGzip {
  #waiting: Uint8Array[] = [];
  #length = 0;
  #members = 0;
  readonly #write: (bytes: Uint8Array) => void;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.#length + rest.length >= memberSize) {
      const take = memberSize - this.#length;
      this.#waiting.push(rest.subarray(0, take));
      this.#length = memberSize;
      this.#flush();
      rest = rest.subarray(take);
    }
    if (rest.length > 0) {
      this.#waiting.push(rest);
      this.#length += rest.length;
    }
  }

  end(): void {
    if (this.#length > 0 || this.#members === 0) this.#flush();
  }

  #flush(): void {
    const only = this.#waiting.length === 1 ? this.#waiting[0] : undefined;
    this.#write(member(only ?? Buffer.concat(this.#waiting)));
    this.#waiting = [];
    this.#length = 0;
    this.#members++;
  }
}
