import { OciError } from '../content/errors.js';
import { blockSize } from './tar-header.js';

/** The place of what is wrong with an archive, for who does not know which one it is. */
export const unnamedArchive = 'the archive';
/** What to do about a damaged one. */
export const anotherArchive = 'fetch it again; if that does not help, whoever made it must make it again';

export function damaged(why: string): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive is damaged: ${why}`, {
    where: unnamedArchive,
    hint: anotherArchive,
  });
}

/** The error for an archive that programs read in different ways: one digest would be two contents. */
export function ambiguous(why: string, where: string = unnamedArchive): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive is ambiguous: ${why}`, {
    where: where.slice(0, 300),
    hint: 'other programs read it in another way: whoever made it must make it again, with GNU tar or `bunny`',
  });
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A name of bytes. Throws BUNNY_EARCHIVE where it is not UTF-8: two such names would be one here. */
export function nameText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw ambiguous('a name in it is not UTF-8', Buffer.from(bytes).toString('latin1'));
  }
}

/** A name in a header block, up to the first NUL. */
export function nameField(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return nameText(end < 0 ? field : field.subarray(0, end));
}

/** The forms of header blocks: POSIX, GNU, and older than both. */
export type TarForm = 'ustar' | 'gnu' | 'v7';

/** The form of a header, by magic and version. */
export function formOf(block: Buffer): TarForm {
  const magic = block.toString('latin1', 257, 265);
  if (magic.startsWith('ustar\0')) return 'ustar';
  if (magic === 'ustar  \0') return 'gnu';
  if (magic === '\0'.repeat(8)) return 'v7';
  throw damaged('a header is of no form that is known');
}

const blank = 0x20;
const zero = 0x30;
const seven = 0x37;

/**
 * A number: octal digits, blanks before and blanks or NULs after them, or GNU's base 256, for what does not fit. Throws
 * BUNNY_EARCHIVE for all else, such as what stands behind a NUL.
 */
export function number(block: Buffer, start: number, length: number): number {
  const end = start + length;
  if (((block[start] ?? 0) & 0x80) !== 0) return base256(block, start, end);
  let at = start;
  while (at < end && block[at] === blank) at++;
  const first = at;
  let value = 0;
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0 || byte === blank) break;
    if (byte < zero || byte > seven) throw damaged('a number is not octal');
    value = value * 8 + (byte - zero);
  }
  const rest = block.subarray(at, end);
  // NULs alone are 0, blanks alone are nothing.
  if (at === first && !(first === start && isZero(rest))) throw damaged('a number is missing');
  if (rest.some((byte) => byte !== 0 && byte !== blank)) throw damaged('a number is not octal');
  return value;
}

function base256(block: Buffer, start: number, end: number): number {
  if (block[start] !== 0x80) throw damaged('a number is negative, or too large');
  let value = 0;
  for (let at = start + 1; at < end; at++) value = value * 256 + (block[at] ?? 0);
  if (!Number.isSafeInteger(value)) throw damaged('a number is too large');
  return value;
}

/** A number of 8 bytes that fits into 32 bits. */
export function smallNumber(block: Buffer, start: number): number {
  const value = number(block, start, 8);
  if (value > 0xffffffff) throw damaged('a number is too large');
  return value;
}

/** Checks a time, in seconds, which may lie before 1970. */
export function checkTime(block: Buffer, start: number): void {
  const isNegative = block[start] === 0xff && block[start + 5] === 0xff && (block[start + 6] ?? 0) >= 0x80;
  if (!isNegative) number(block, start, 12);
}

/** The sum of all bytes, those of the sum itself counted as blanks. */
export function checkSum(block: Buffer): void {
  let sum = 0;
  for (let i = 0; i < blockSize; i++) sum += block[i] as number;
  for (let i = 148; i < 156; i++) sum += blank - (block[i] as number);
  if (sum !== number(block, 148, 8)) throw damaged('the checksum of a header is wrong');
}

export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}
