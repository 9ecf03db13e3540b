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
  block.write(entry.type ?? '0', 156);
  block.write(entry.linkname ?? '', 157, 100);
  block.write('ustar\x0000', 257);
  return withSum(block, entry.checksum);
}

/** Writes the checksum of a header, or another one, into it. */
export function withSum(block: Buffer, checksum?: number): Buffer {
  block.write('        ', 148);
  const sum = checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

export function pax(records: Record<string, string>, type = 'x'): RawEntry {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const size = Buffer.byteLength(rest);
    let length = size + 1;
    while (String(length).length + size !== length) length++;
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
  'global-path': refused([pax({ path: 'b' }, 'g'), file('a')]),
  'global-linkpath': refused([pax({ linkpath: 'b' }, 'g'), symlink('l', 'a')]),
  'global-size': refused([pax({ size: '0' }, 'g'), file('a')]),
  'global-sparse': refused([pax({ 'GNU.sparse.realsize': '9' }, 'g'), file('a')]),
  'part-of-a-file-by-pax': refused([pax({ 'GNU.volume.offset': '9' }), file('a')]),
  'other-character-set': refused([pax({ hdrcharset: 'BINARY' }), file('a')]),
  'name-not-utf8': refusedFields({ 0: 'caf\xe9' }),
  'prefix-not-utf8': refusedFields({ 345: 'caf\xe9' }),
  'link-target-not-utf8': refusedFields({ 157: 'caf\xe9' }, { path: 'l', type: '2', linkname: 'x' }),
  'name-not-utf8-by-pax': refused([raw('x', Buffer.from('13 path=caf\xe9\n', 'latin1')), file('a')]),
  'name-not-utf8-by-gnu-name': refused([raw('L', Buffer.from('caf\xe9\0', 'latin1')), file('a')]),
  'nul-in-gnu-name': refused([raw('L', Buffer.from('a\0b\0')), file('innocent')]),
  'nul-in-link-target': refused([pax({ linkpath: 'a\0b' }), symlink('l', 'x')]),
  'record-length-hexadecimal': refused([raw('x', Buffer.from('0x15 path=ten-bytes!\n')), file('a')]),
  'record-length-exponential': refused([raw('x', Buffer.from('21e0 path=ten-bytes!\n')), file('a')]),
  'record-length-with-sign': refused([raw('x', Buffer.from('+20 path=ten-bytes!\n')), file('a')]),
  'record-length-with-zero': refused([raw('x', Buffer.from('020 path=ten-bytes!\n')), file('a')]),
  'record-without-key': refused([raw('x', Buffer.from('5 =a\n')), file('a')]),
  'record-with-empty-path': refused([pax({ path: '' }), file('a')]),
  'record-size-exponential': refused([pax({ size: '1e0' }), file('a')]),
  'record-size-negative': refused([pax({ size: '-1' }), file('a')]),
  'path-twice-in-a-header': refused([raw('x', Buffer.from('10 path=b\n10 path=c\n')), file('a')]),
  'two-extended-headers': refused([pax({ path: 'b' }), pax({ mtime: '1' }), file('a')]),
  'gnu-name-after-extended-header': refused([pax({ path: 'b' }), raw('L', Buffer.from('c\0')), file('a')]),
  'gnu-link-after-extended-header': refused([
    pax({ linkpath: 'b' }),
    raw('K', Buffer.from('c\0')),
    symlink('l', 'a'),
  ]),
  'extended-header-after-gnu-name': refused([raw('L', Buffer.from('c\0')), pax({ path: 'b' }), file('a')]),
  'two-gnu-names': refused([raw('L', Buffer.from('b\0')), raw('L', Buffer.from('c\0')), file('a')]),
  'global-header-after-extended-header': refused([pax({ path: 'b' }), pax({ comment: 'x' }, 'g'), file('a')]),
  'extended-header-before-the-end': refused([file('a'), pax({ path: 'b' })]),
  'extended-header-empty': refused([raw('x', Buffer.alloc(0)), file('a')]),
  'file-without-name': refused([file('')]),
  'file-with-the-name-of-a-directory': refused([file('d/')]),
  'old-directory': refused([{ path: 'd/', type: '\0' }]),
  'directory-with-size': refused([{ path: 'd', type: '5', content: Buffer.alloc(512) }, file('a')]),
  'link-with-size': refused([file('a'), { path: 'b', type: '1', linkname: 'a', content: Buffer.alloc(512) }]),
  'symlink-with-size-by-pax': refused([pax({ size: '512' }), symlink('l', 'a'), file('b')]),
  'contiguous-file': refused([{ path: 'a', type: '7' }]),
  'list-of-a-directory': refused([{ path: 'd', type: 'D' }]),
  'part-of-a-file': refused([{ path: 'a', type: 'M' }]),
  'old-long-names': refused([{ path: 'a', type: 'N' }]),
  'label-of-a-volume': refused([{ path: 'a', type: 'V' }]),
  'size-negative-base-256': refusedFields({ 124: `\xff${'\xff'.repeat(10)}\xf0` }),
  'size-base-256-of-another-kind': refusedFields({ 124: `\xa0${'\0'.repeat(10)}\x01` }),
  'size-behind-a-nul': refusedFields({ 124: '\x0000000000010' }),
  'size-with-more-behind': refusedFields({ 124: '00000000\x0010\0' }),
  'size-blank': refusedFields({ 124: ' '.repeat(12) }),
  'time-no-number': refusedFields({ 136: 'yesterday   ' }),
  'owner-too-large': refusedFields({ 108: '\x80\0\0\x01\0\0\0\0' }),
  'form-unknown': refusedFields({ 257: 'USTAR\x0000' }),
  'entry-behind-the-end': {
    code: 'BUNNY_EARCHIVE',
    bytes: () =>
      gzipSync(Buffer.concat([rawTar([file('a')], { end: false }), Buffer.alloc(512), rawTar([file('b')])])),
  },
  'half-a-block-at-the-end': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => gzipSync(Buffer.concat([rawTar([file('a')]), Buffer.alloc(100)])),
  },
  'garbage-behind-gzip': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => Buffer.concat([gzipSync(rawTar([file('a')])), Buffer.from('garbage')]),
  },
  'garbage-behind-padding': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => Buffer.concat([gzipSync(rawTar([file('a')])), Buffer.alloc(100), Buffer.from('garbage')]),
  },
  'archive-behind-padding': {
    code: 'BUNNY_EARCHIVE',
    bytes: () =>
      Buffer.concat([gzipSync(rawTar([file('a')])), Buffer.alloc(9), gzipSync(rawTar([file('b')]))]),
  },
  'archive-behind-an-archive': {
    code: 'BUNNY_EARCHIVE',
    bytes: () => Buffer.concat([gzipSync(rawTar([file('a')])), gzipSync(rawTar([file('b')]))]),
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

function raw(type: string, content: Buffer): RawEntry {
  return { path: '././@LongLink', type, content };
}

/** A header in which bytes are written over others: offset -> text. */
function refusedFields(
  texts: Record<number, string>,
  entry: RawEntry = { path: 'a', content: Buffer.alloc(8) },
): { code: string; bytes: () => Buffer } {
  const bytes = (): Buffer => {
    const archive = rawTar([entry]);
    const block = archive.subarray(0, 512);
    for (const [at, text] of Object.entries(texts)) block.write(text, Number(at), 'latin1');
    withSum(block);
    return gzipSync(archive);
  };
  return { code: 'BUNNY_EARCHIVE', bytes };
}

function withSizeField(field: string): Buffer {
  const block = rawHeader({ path: 'a' }, 0);
  block.write(field, 124, 12, 'latin1');
  return Buffer.concat([withSum(block), Buffer.alloc(1024)]);
}

function corruptGzip(): Buffer {
  const bytes = gzipSync(rawTar([file('a', 'x'.repeat(2000))]));
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 0xff;
  return bytes;
}
