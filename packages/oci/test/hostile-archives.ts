import { gzipSync } from 'node:zlib';

/** One entry as it stands in a tar, with nothing checked: paths and sizes may be anything. */
export interface RawEntry {
  path: string;
  /** Type flag; a file unless said. */
  type?: string;
  content?: Uint8Array;
  linkname?: string;
  /** What the header says, where it is not the length of the content. */
  size?: number;
  /** Replaces the checksum. */
  checksum?: number;
}

/** Writes a tar as an attacker would: by hand. */
export function rawTar(entries: Iterable<RawEntry>, options: { end?: boolean } = {}): Buffer {
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    const content = entry.content ?? Buffer.alloc(0);
    blocks.push(
      rawHeader(entry, content.length),
      Buffer.from(content),
      Buffer.alloc((512 - (content.length % 512)) % 512),
    );
  }
  if (options.end !== false) blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}

export function rawHeader(entry: RawEntry, length: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(entry.path, 0, 100);
  block.write('0000644\0', 100);
  block.write('0000000\x000000000\0', 108);
  block.write((entry.size ?? length).toString(8).padStart(11, '0'), 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(entry.type ?? '0', 156);
  block.write(entry.linkname ?? '', 157, 100);
  block.write('ustar\x0000', 257);
  const sum = entry.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function pax(records: Record<string, string>, type = 'x'): RawEntry {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length++;
    return `${length}${rest}`;
  });
  return { path: 'pax', type, content: Buffer.from(lines.join('')) };
}

const file = (path: string, content = 'x'): RawEntry => ({ path, content: Buffer.from(content) });
const directory = (path: string): RawEntry => ({ path, type: '5' });
const symlink = (path: string, linkname: string): RawEntry => ({ path, type: '2', linkname });
const hardlink = (path: string, linkname: string): RawEntry => ({ path, type: '1', linkname });

/**
 * Archives that must be refused: name -> code and bytes. They are what `fixtures/hostile` holds;
 * a test keeps both the same.
 */
export const hostileArchives: Readonly<Record<string, { code: string; bytes: () => Buffer }>> = {
  'parent-path': refused([file('../escaped')]),
  'parent-path-inside': refused([file('a/../../escaped')]),
  'parent-path-by-pax': refused([pax({ path: '../escaped' }), file('innocent')]),
  'parent-path-by-gnu-name': refused([
    { path: '././@LongLink', type: 'L', content: Buffer.from('../escaped\0') },
    file('innocent'),
  ]),
  'absolute-path': refused([file('/tmp/bunny-escaped')]),
  'nul-in-path': refused([pax({ path: 'a\0b' }), file('innocent')]),
  'symlink-out': refused([symlink('link', '../../outside')]),
  'symlink-absolute': refused([symlink('link', '/etc/passwd')]),
  'symlink-out-by-steps': refused([directory('d'), symlink('d/up', '..'), symlink('out', 'd/up/../..')]),
  'symlink-out-by-a-later-link': refused([
    symlink('a', 'b/../x'),
    directory('c'),
    symlink('b', '.'),
    symlink('e', 'b/..'),
  ]),
  'symlink-empty': refused([symlink('link', '')]),
  'write-through-symlink': refused([directory('d'), symlink('link', 'd'), file('link/file')]),
  'write-through-outward-symlink': refused([symlink('link', '/tmp'), file('link/bunny-escaped')]),
  'directory-over-symlink': refused([symlink('link', '.'), directory('link')]),
  'symlink-over-directory': refused([directory('d'), file('d/f'), symlink('d', 'x')]),
  'hardlink-out': refused([hardlink('passwd', '/etc/passwd')]),
  'hardlink-parent': refused([hardlink('passwd', '../../../../etc/passwd')]),
  'hardlink-to-nothing': refused([hardlink('link', 'absent')]),
  'hardlink-to-directory': refused([directory('d'), hardlink('link', 'd')]),
  'hardlink-through-symlink': refused([
    directory('d'),
    file('d/f'),
    symlink('s', 'd'),
    hardlink('link', 's/f'),
  ]),
  'file-and-directory': refused([file('a'), file('a/b')]),
  'directory-and-file': refused([directory('a'), file('a')]),
  'character-device': refused([{ path: 'null', type: '3' }]),
  'block-device': refused([{ path: 'sda', type: '4' }]),
  fifo: refused([{ path: 'fifo', type: '6' }]),
  'sparse-file': refused([{ path: 'sparse', type: 'S' }]),
  'sparse-file-by-pax': refused([pax({ 'GNU.sparse.major': '1' }), file('a')]),
  'unknown-type': refused([{ path: 'what', type: 'Z' }]),
  'wrong-checksum': refused([{ path: 'a', checksum: 1 }]),
  'size-beyond-the-end': refused([{ path: 'a', size: 10_000, content: Buffer.alloc(512) }]),
  'size-negative': { code: 'BUNNY_EARCHIVE', bytes: () => gzipSync(withSizeField('-0000000001')) },
  'size-base-256-huge': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => gzipSync(withSizeField('\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff')),
  },
  'extended-header-huge': refused([{ path: 'pax', type: 'x', size: 2 ** 30, content: Buffer.alloc(1024) }]),
  'extended-header-garbage': refused([
    { path: 'pax', type: 'x', content: Buffer.from('99 path=short\n') },
    file('a'),
  ]),
  'extended-header-zero-length': refused([
    { path: 'pax', type: 'x', content: Buffer.from('0 path=a\n') },
    file('a'),
  ]),
  'extended-header-at-the-end': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => gzipSync(rawTar([pax({ path: 'a' })], { end: false }).subarray(0, 700)),
  },
  'deep-path': refused([pax({ path: 'd/'.repeat(300) }), file('x')]),
  'long-path': refused([pax({ path: 'd'.repeat(5000) }), file('x')]),
  'truncated-tar': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => gzipSync(rawTar([file('a', 'x'.repeat(2000))]).subarray(0, 1500)),
  },
  'truncated-gzip': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => gzipSync(rawTar([file('a', 'x'.repeat(2000))])).subarray(0, 60),
  },
  'corrupt-gzip': { code: 'BUNNY_EARCHIVE', bytes: corruptGzip },
  'not-an-archive': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => Buffer.from('<html><body>404 Not Found</body></html>'),
  },
  empty: { code: 'BUNNY_EARCHIVE', bytes: () => Buffer.alloc(0) },
  zstd: { code: 'BUNNY_EUNSUPPORTED', bytes: () => Buffer.from('28b52ffd2000', 'hex') },
};

function refused(entries: RawEntry[]): { code: string; bytes: () => Buffer } {
  return { code: 'BUNNY_EARCHIVE', bytes: () => gzipSync(rawTar(entries)) };
}

function withSizeField(field: string): Buffer {
  const block = rawHeader({ path: 'a' }, 0);
  block.write(field, 124, 12, 'latin1');
  block.write('        ', 148);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([block, Buffer.alloc(1024)]);
}

function corruptGzip(): Buffer {
  const bytes = gzipSync(rawTar([file('a', 'x'.repeat(2000))]));
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
  return bytes;
}
