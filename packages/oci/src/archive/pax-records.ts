import { OciError } from '../content/errors.js';
import { ambiguous, anotherArchive, damaged, nameText } from './tar-fields.js';

/** What a pax extended header says of the entry after it, as far as it matters here. */
export interface PaxRecords {
  path?: string | undefined;
  linkpath?: string | undefined;
  /** Bytes. */
  size?: number | undefined;
}

const times = new Set(['mtime', 'atime', 'ctime']);
const owners = new Set(['uid', 'gid']);
const numbers = /^\d{1,15}$/;
const largestOwner = 0xffffffff;

/**
 * Reads the records of a pax extended header (POSIX.1-2024, pax): `<length> <key>=<value>\n`. Throws BUNNY_EARCHIVE
 * where they are not well formed, for sparse files, and for what other programs take otherwise. Records of a
 * `global` header apply to all entries after it, for some programs: those that matter are refused.
 */
export function paxRecords(bytes: Buffer, isGlobal: boolean): PaxRecords {
  const found: PaxRecords = {};
  const seen = new Set<string>();
  for (const [key, value] of records(bytes)) {
    if (/^(GNU\.|SCHILY\.(realsize|filetype)$)/.test(key)) throw sparse(key);
    if (key === 'path' || key === 'linkpath' || key === 'size' || key === 'hdrcharset') {
      if (isGlobal) throw ambiguous(`${key} appears in a global header`);
      if (seen.has(key)) throw ambiguous(`${key} appears twice in one header`);
      if (value.length === 0) throw ambiguous(`${key} is empty in an extended header`);
      seen.add(key);
    }
    if (key === 'path' || key === 'linkpath') found[key] = name(value);
    const text = value.toString('latin1');
    if (key === 'size') found.size = size(text);
    if (times.has(key) && !/^-?\d{1,15}(\.\d*)?$/.test(text)) throw damaged(`${key} is not a time`);
    if (owners.has(key) && !(numbers.test(text) && Number(text) <= largestOwner))
      throw damaged(`${key} is not a number`);
    if (key === 'hdrcharset' && text !== 'ISO-IR 10646 2000 UTF-8')
      throw ambiguous('its names are in another character set than UTF-8');
  }
  return found;
}

function name(value: Buffer): string {
  if (value.includes(0)) throw ambiguous('a name in it holds a NUL', value.toString('latin1'));
  return nameText(value);
}

function size(value: string): number {
  if (!numbers.test(value)) throw damaged('a size is not a number');
  return Number(value);
}

function sparse(key: string): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive holds a sparse file or a part of one (${key})`, {
    where: 'the archive',
    hint: anotherArchive,
  });
}

function* records(bytes: Buffer): Generator<[string, Buffer]> {
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at);
    const digits = blank < 0 ? '' : bytes.toString('latin1', at, blank);
    const end = /^[1-9]\d{0,8}$/.test(digits) ? at + Number(digits) : Number.NaN;
    const equals = bytes.indexOf(0x3d, blank);
    if (!(end <= bytes.length) || equals <= blank + 1 || equals >= end || bytes[end - 1] !== 0x0a)
      throw damaged('an extended header is not well formed');
    const key = bytes.toString('latin1', blank + 1, equals);
    if (/[^\x21-\x7e]/.test(key)) throw damaged('an extended header is not well formed');
    yield [key, bytes.subarray(equals + 1, end - 1)];
    at = end;
  }
}
