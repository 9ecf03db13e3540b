import { OciError } from '../content/errors.js';
import { type PaxRecords, paxRecords } from './pax-records.js';
import {
  ambiguous,
  checkSum,
  checkTime,
  damaged,
  formOf,
  isZero,
  nameField,
  nameText,
  number,
  smallNumber,
  type TarForm,
} from './tar-fields.js';
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

/** What extended headers said of the entry after them. */
interface Announced extends PaxRecords {
  /** The types of these headers. */
  by: string;
}

/**
 * Reads a tar stream (ustar, pax and GNU long names; POSIX.1-2024) pushed to it in pieces of any size.
 * It keeps at most one header in memory. Throws BUNNY_EARCHIVE for what is damaged, for devices,
 * fifos and sparse files, and for what GNU tar, npm's tar-stream or Python read otherwise than it would: what an archive
 * holds must not depend on who reads it.
 */
export class TarReader {
  readonly #sink: TarSink;
  /** An incomplete block, or an incomplete extended header. */
  #pending: Uint8Array = Buffer.alloc(0);
  /** Bytes of content, and of padding after it, that are still to come. */
  #left = 0;
  #skip = 0;
  #extended: { flag: string; size: number } | undefined;
  #announced: Announced | undefined;
  #entries = 0;
  #ended = false;
  #length = 0;

  constructor(sink: TarSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    this.#length += chunk.length;
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#ended) {
        if (!isZero(rest)) throw ambiguous('something follows its end');
        return;
      }
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
    const isInside =
      this.#left > 0 || this.#skip > 0 || this.#pending.length > 0 || this.#extended !== undefined;
    const isEmpty = this.#entries === 0 && !this.#ended;
    if (isInside || isEmpty || this.#length % blockSize !== 0) throw damaged('it is truncated');
    this.#requireNothingAnnounced();
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
    if (block[0] === 0 && isZero(block)) {
      this.#requireNothingAnnounced();
      this.#ended = true;
      return;
    }
    checkSum(block);
    const form = formOf(block);
    const flag = String.fromCharCode(block[156] ?? 0);
    const size = number(block, 124, 12);
    const mode = smallNumber(block, 100) & 0o7777;
    // Owner, group and time are not used here, but may make others refuse the header.
    smallNumber(block, 108);
    smallNumber(block, 116);
    checkTime(block, 136);
    if (flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K') {
      if (size > maximumExtendedHeader) throw damaged(`an extended header has ${size} bytes`);
      if (size === 0) throw damaged('an extended header is empty');
      this.#extended = { flag, size };
      return;
    }
    this.#begin(block, form, flag, mode, size);
  }

  #begin(block: Buffer, form: TarForm, flag: string, mode: number, ownSize: number): void {
    const announced = this.#announced;
    this.#announced = undefined;
    // A name that is announced stands cut off in the header itself, maybe within a character.
    const path = announced?.path ?? nameOf(block, form);
    const size = announced?.size ?? ownSize;
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
    if (path === '') throw ambiguous('an entry of it has no name');
    // Before POSIX a file with such a name was a directory.
    if (kind !== 'directory' && /(^|\/)\.?$/.test(path))
      throw ambiguous('the name of a file or link in it is that of a directory', path);
    if (kind !== 'file' && size !== 0) throw ambiguous('an entry that is not a file has a size', path);
    const header: TarHeader = { path, kind, mode, size };
    if (kind === 'link' || kind === 'symlink')
      header.linkname = announced?.linkpath ?? nameField(block, 157, 100);
    this.#entries++;
    this.#left = size;
    this.#skip = padding(size);
    this.#sink.entry(header);
  }

  #extendedHeader(flag: string, bytes: Buffer): void {
    this.#extended = undefined;
    this.#skip = padding(bytes.length);
    const before = this.#announced?.by ?? '';
    // GNU tar announces a long name and a long link target one after the other; nobody else announces twice.
    if (before !== '' && `${before}${flag}` !== 'KL' && `${before}${flag}` !== 'LK')
      throw ambiguous(`a header of type ${flag} follows one of type ${before.slice(-1)}`);
    if (flag === 'g') {
      paxRecords(bytes, true);
      return;
    }
    const told =
      flag === 'x' ? paxRecords(bytes, false) : { [flag === 'L' ? 'path' : 'linkpath']: longName(bytes) };
    this.#announced = { ...this.#announced, ...told, by: `${before}${flag}` };
  }

  #requireNothingAnnounced(): void {
    if (this.#announced !== undefined) throw damaged('an extended header is followed by nothing');
  }
}

function nameOf(block: Buffer, form: TarForm): string {
  const name = nameField(block, 0, 100);
  // GNU tar keeps other things in the field of the prefix.
  const prefix = form === 'ustar' ? nameField(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** A name of GNU's, which ends in a NUL. */
function longName(bytes: Buffer): string {
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  const name = bytes.subarray(0, end);
  if (name.length === 0 || name.includes(0)) throw damaged('a long name is not well formed');
  return nameText(name);
}
