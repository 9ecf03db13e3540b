/** Kinds of tar entries that are written and read here, by their type flag (POSIX.1-2024, ustar). */
export type EntryKind = 'file' | 'link' | 'symlink' | 'directory';

export interface TarHeader {
  /** Without leading `./`; `/` between parts. */
  path: string;
  kind: EntryKind;
  /** Permission bits. */
  mode: number;
  /** Bytes of content; 0 for all but files. */
  size: number;
  /** Target of a link or symlink. */
  linkname?: string | undefined;
}

export const blockSize = 512;

const flags: Record<EntryKind, string> = { file: '0', link: '1', symlink: '2', directory: '5' };

/**
 * The header blocks of one entry: ustar, with a pax extended header in front where the path or link
 * target does not fit. Owner 0:0 without names, time 0: nothing of the machine or the hour is in it.
 */
export function encodeHeader(header: TarHeader): Uint8Array {
  const path = header.kind === 'directory' ? `${header.path}/` : header.path;
  const link = header.linkname ?? '';
  const split = splitPath(path);
  const records: string[] = [];
  if (split === undefined) records.push(paxRecord('path', path));
  if (Buffer.byteLength(link) > 100) records.push(paxRecord('linkpath', link));
  if (header.size > 0o77777777777) records.push(paxRecord('size', String(header.size)));
  const main = block(split ?? { name: truncate(path, 100), prefix: '' }, header, flags[header.kind], link);
  if (records.length === 0) return main;
  const extra = Buffer.from(records.join(''));
  const pax = block(
    { name: truncate(`PaxHeader/${path}`, 100), prefix: '' },
    { mode: 0o644, size: extra.length },
    'x',
    '',
  );
  return Buffer.concat([pax, extra, Buffer.alloc(padding(extra.length)), main]);
}

/** Zero bytes that follow content of this many bytes. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function block(
  name: { name: string; prefix: string },
  header: { mode: number; size: number },
  flag: string,
  link: string,
): Buffer {
  const bytes = Buffer.alloc(blockSize);
  bytes.write(name.name, 0, 100);
  bytes.write(octal(header.mode & 0o7777, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(header.size > 0o77777777777 ? 0 : header.size, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write('        ', 148);
  bytes.write(flag, 156);
  bytes.write(truncate(link, 100), 157, 100);
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write(octal(0, 7), 329);
  bytes.write(octal(0, 7), 337);
  bytes.write(name.prefix, 345, 155);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** Divides a path into name (100 bytes) and prefix (155 bytes) at a slash; undefined where it cannot be. */
function splitPath(path: string): { name: string; prefix: string } | undefined {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name === '' || Buffer.byteLength(prefix) > 155) return undefined;
    if (Buffer.byteLength(name) <= 100) return { name, prefix };
  }
  return undefined;
}

/** The longest beginning of at most `size` bytes that cuts no character apart. */
function truncate(text: string, size: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= size) return text;
  let end = size;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length > length) length++;
  return `${length} ${key}=${value}\n`;
}
