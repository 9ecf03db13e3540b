import { ElfError } from './errors.js';

/** Names may share their ends, so that together they are longer than the table, but not without bound. */
const sharing = 8;

/** Names in a string table section: each ends with a zero byte. */
export class StringTable {
  readonly #bytes: Buffer;
  readonly #names = new Map<number, string>();
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = bytes.length * sharing;
  }

  /** The name at an offset. Throws ElfError where there is none, or where names overlap to waste memory. */
  at(offset: number): string {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    // The format lets a table be empty, and offset 0 mean "no name" all the same.
    if (offset === 0 && this.#bytes.length === 0) return '';
    const end = offset < this.#bytes.length ? this.#bytes.indexOf(0, offset) : -1;
    if (end < 0) throw new ElfError(`no name ends at or after offset ${offset} of a string table`);
    this.#budget -= end - offset;
    if (this.#budget < 0) throw new ElfError('too many names of a string table overlap');
    const name = this.#bytes.toString('utf8', offset, end);
    this.#names.set(offset, name);
    return name;
  }
}
