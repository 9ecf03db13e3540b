import { ElfError } from './errors.js';

/** Little-endian numbers at offsets of a file. Every access outside it throws an ElfError. */
export class ByteView {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.#bytes.length;
  }

  u8(offset: number): number {
    this.#require(offset, 1);
    return this.#view.getUint8(offset);
  }

  u16(offset: number): number {
    this.#require(offset, 2);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    this.#require(offset, 4);
    return this.#view.getUint32(offset, true);
  }

  /** Refuses what JavaScript numbers cannot hold exactly: no honest file has such offsets or sizes. */
  u64(offset: number): number {
    this.#require(offset, 8);
    const value = Number(this.#view.getBigUint64(offset, true));
    if (!Number.isSafeInteger(value)) throw new ElfError(`a number at offset ${offset} is beyond 2^53`);
    return value;
  }

  /** The bytes of a range, without copying. */
  range(offset: number, length: number): Uint8Array {
    this.#require(offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }

  #require(offset: number, length: number): void {
    if (offset >= 0 && length >= 0 && offset + length <= this.#bytes.length) return;
    throw new ElfError(`the file ends at ${this.#bytes.length}, before offset ${offset + length}`, {
      hint: 'the file is truncated or damaged: make it again',
    });
  }
}
