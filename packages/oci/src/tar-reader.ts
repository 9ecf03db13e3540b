import { OciError } from './errors.js';
import { blockSize, type EntryKind, padding, type TarHeader } from './tar-header.js';

/** Receives an archive as it is read. Calls come in the order entry, content…, entry, … */
export interface TarSink {
  entry(header: TarHeader): void;
  /** A piece of the content of the last file; `last` on its final piece. Not called for empty files. */
  content(bytes: Uint8Array, last: boolean): void;
}

/** Extended headers describe one entry; larger ones are an attack on memory. Bytes. */
const maximumExtendedHeader = 64 * 1024;

const kinds: Readonly<Record<string, EntryKind>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

const refused: Readonly<Record<string, string>> = {
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a fifo',
  '7': 'a contiguous file',
  S: 'a sparse file',
};

/** The place of what is wrong with an archive, for who does not know which one it is. */
export const unnamedArchive = 'the archive';
/** What to do about a damaged one. */
export const anotherArchive = 'fetch it again; where it stays so, whoever made it has to make it anew';

function damaged(why: string): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive is damaged: ${why}`, {
    where: unnamedArchive,
    hint: anotherArchive,
  });
}

/**
 * Reads a tar stream (ustar, pax and GNU long names; POSIX.1-2024) pushed to it in pieces of any size.
 * It keeps at most one header in memory. Throws BUNNY_EARCHIVE for what is damaged, and for devices,
 * fifos and sparse files.
 */
export class TarReader {
  readonly #sink: TarSink;
  /** An incomplete block, or an incomplete extended header. */
  #pending: Uint8Array = Buffer.alloc(0);
  /** Bytes of content, and of padding after it, that are still to come. */
  #left = 0;
  #skip = 0;
  #extended: { flag: string; size: number } | undefined;
  #path: string | undefined;
  #linkname: string | undefined;
  #size: number | undefined;
  #entries = 0;
  #ended = false;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0 && !this.#ended) {
      if (this.#left > 0) {
        const piece = rest.subarray(0, this.#left);
        this.#left -= piece.length;
        rest = rest.subarray(piece.length);
        this.#sink.content(piece, this.#left === 0);
      } else if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length);
        this.#skip -= skipped;
        rest = rest.subarray(skipped);
      } else {
        rest = this.#header(rest);
      }
    }
  }

  /** Call when the stream has ended. Throws BUNNY_EARCHIVE where it ended in the middle of something. */
  end(): void {
    if (this.#ended) return;
    const inside =
      this.#left > 0 || this.#skip > 0 || this.#pending.length > 0 || this.#extended !== undefined;
    if (inside || this.#entries === 0) throw damaged('it is truncated');
  }

  /** Gathers one block or extended header and reads it; returns what is left of the chunk. */
  #header(chunk: Uint8Array): Uint8Array {
    const wanted = this.#extended?.size ?? blockSize;
    const missing = wanted - this.#pending.length;
    const piece = chunk.subarray(0, missing);
    const whole =
      this.#pending.length === 0 && piece.length === wanted ? piece : Buffer.concat([this.#pending, piece]);
    const rest = chunk.subarray(piece.length);
    if (whole.length < wanted) {
      this.#pending = whole;
      return rest;
    }
    this.#pending = Buffer.alloc(0);
    if (this.#extended === undefined) this.#block(Buffer.from(whole.buffer, whole.byteOffset, whole.length));
    else this.#extendedHeader(this.#extended.flag, Buffer.from(whole));
    return rest;
  }

  #block(block: Buffer): void {
    if (block[0] === 0 && block.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    checkSum(block);
    const flag = String.fromCharCode(block[156] ?? 0);
    const size = this.#size ?? number(block, 124, 12);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      const own = number(block, 124, 12);
      if (own > maximumExtendedHeader) throw damaged(`an extended header has ${own} bytes`);
      if (own === 0) return;
      this.#extended = { flag, size: own };
      return;
    }
    this.#begin(block, flag, size);
  }

  #begin(block: Buffer, flag: string, size: number): void {
    const path = this.#path ?? nameOf(block);
    const kind = kinds[flag];
    if (kind === undefined) {
      throw new OciError(
        'BUNNY_EARCHIVE',
        `the archive holds ${refused[flag] ?? `an entry of unknown type ${JSON.stringify(flag)}`}`,
        {
          where: path,
          hint: 'only files, directories and links are unpacked: make the archive without it',
        },
      );
    }
    // Before POSIX a directory was a file whose name ends in a slash.
    const isDirectory = kind === 'directory' || (kind === 'file' && path.endsWith('/'));
    const header: TarHeader = {
      path,
      kind: isDirectory ? 'directory' : kind,
      mode: number(block, 100, 8) & 0o7777,
      size: kind === 'file' && !isDirectory ? size : 0,
    };
    if (kind === 'link' || kind === 'symlink') header.linkname = this.#linkname ?? text(block, 157, 100);
    this.#path = undefined;
    this.#linkname = undefined;
    this.#size = undefined;
    this.#entries++;
    // The size of a link is that of its target and no content follows; a directory has none either.
    this.#left = header.size;
    this.#skip = padding(header.size);
    this.#sink.entry(header);
  }

  #extendedHeader(flag: string, bytes: Buffer): void {
    this.#extended = undefined;
    this.#skip = padding(bytes.length);
    if (flag === 'L') this.#path = text(bytes, 0, bytes.length);
    if (flag === 'K') this.#linkname = text(bytes, 0, bytes.length);
    if (flag !== 'x') return;
    for (const [key, value] of paxRecords(bytes)) {
      if (key === 'path') this.#path = value;
      if (key === 'linkpath') this.#linkname = value;
      if (key === 'size') {
        if (!/^\d{1,15}$/.test(value)) throw damaged('a size is not a number');
        this.#size = Number(value);
      }
      if (key.startsWith('GNU.sparse.')) {
        throw new OciError('BUNNY_EARCHIVE', 'the archive holds a sparse file', {
          where: this.#path ?? unnamedArchive,
          hint: 'make the archive without --sparse',
        });
      }
    }
  }
}

const blank = 0x20;
const zero = 0x30;
const seven = 0x37;

function text(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function nameOf(block: Buffer): string {
  const name = text(block, 0, 100);
  // GNU tar (`ustar  `) keeps other things in the field of the prefix.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function number(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) {
    // GNU's base 256, for what does not fit into octal digits.
    let value = first & 0x7f;
    for (let i = start + 1; i < start + length; i++) value = value * 256 + (block[i] ?? 0);
    if (!Number.isSafeInteger(value)) throw damaged('a number is too large');
    return value;
  }
  let value = 0;
  let at = start;
  const end = start + length;
  while (at < end && block[at] === blank) at++;
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0 || byte === blank) break;
    if (byte < zero || byte > seven) throw damaged('a number is not octal');
    value = value * 8 + (byte - zero);
  }
  return value;
}

/** The sum of all bytes, those of the sum itself counted as blanks. */
function checkSum(block: Buffer): void {
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += block[i] as number;
  for (let i = 148; i < 156; i++) sum += blank - (block[i] as number);
  if (sum !== number(block, 148, 8)) throw damaged('the checksum of a header is wrong');
}

function* paxRecords(bytes: Buffer): Generator<[string, string]> {
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at);
    const length = blank < 0 ? Number.NaN : Number(bytes.toString('latin1', at, blank));
    const end = at + length;
    const equals = bytes.indexOf(0x3d, blank);
    if (!(length > 0) || end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) {
      throw damaged('an extended header is not well formed');
    }
    yield [bytes.toString('utf8', blank + 1, equals), bytes.toString('utf8', equals + 1, end - 1)];
    at = end;
  }
}
