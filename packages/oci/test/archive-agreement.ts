import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { pax, type RawEntry, rawTar, withSum } from 'bunny-libos-testing/hostile/archives.js';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import type { TarHeader } from '../src/archive/tar-header.js';
import { TarReader } from '../src/archive/tar-reader.js';
import { unpackArchive } from '../src/archive/unpack.js';
import { OciError } from '../src/content/errors.js';

const run = promisify(execFile);

/** One entry as a reader sees it, or one path of an unpacked tree: how it is written down for comparison. */
type Sight = string;

const sight = (name: string, type: string, content: string): Sight =>
  `${type} ${JSON.stringify(name)} ${content}`;

/** Without what says nothing: `./` in front, doubled slashes, `/` at the end of a directory's name. */
const plain = (name: string): string =>
  name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

/** The entries as our reader sees them. Throws OciError where it refuses the archive. */
export function seenByUs(archive: Uint8Array): Sight[] {
  const found: { header: TarHeader; content: Uint8Array[] }[] = [];
  const reader = new TarReader({
    entry: (header) => void found.push({ header, content: [] }),
    content: (bytes) => void found.at(-1)?.content.push(Buffer.from(bytes)),
  });
  reader.push(archive);
  reader.end();
  return found.map(({ header, content }) => {
    const bytes = Buffer.concat(content);
    assert.equal(bytes.length, header.size);
    return sight(plain(header.path), header.kind, header.linkname ?? bytes.toString('hex'));
  });
}

/** The entries as npm's tar-stream sees them. */
export async function seenByTarStream(archive: Uint8Array): Promise<Sight[]> {
  // Headers older than POSIX are unknown to it unless it is told to take them.
  const reader = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const found: Sight[] = [];
  reader.end(Buffer.from(archive));
  for await (const entry of reader) {
    const content: Buffer[] = [];
    for await (const chunk of entry) content.push(chunk as Buffer);
    const { name, type, linkname } = entry.header;
    const isLink = type === 'link' || type === 'symlink';
    found.push(
      sight(plain(name), String(type), isLink ? (linkname ?? '') : Buffer.concat(content).toString('hex')),
    );
  }
  return found;
}

/** Everything in a directory. */
function tree(root: string, prefix = ''): Sight[] {
  return readdirSync(path.join(root, prefix))
    .sort()
    .flatMap((each) => {
      const name = path.join(prefix, each);
      const file = path.join(root, name);
      const status = lstatSync(file);
      if (status.isSymbolicLink()) return [sight(name, 'symlink', readlinkSync(file))];
      chmodSync(file, 0o700);
      if (status.isDirectory()) return [sight(name, 'directory', ''), ...tree(root, name)];
      return [sight(name, status.isFile() ? 'file' : 'other', readFileSync(file, 'hex'))];
    });
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** How an archive was taken: refused by us, or accepted and seen alike by all. Throws where two see different things. */
export async function compareReaders(archive: Buffer, scratch: string): Promise<'refused' | 'agreed'> {
  const ours = path.join(scratch, 'ours');
  let entries: Sight[];
  try {
    entries = seenByUs(archive);
    await unpackArchive(whole(archive), ours);
  } catch (error) {
    assert.ok(error instanceof OciError, String(error));
    return 'refused';
  }
  assert.deepEqual(await seenByTarStream(archive), entries, 'tar-stream');
  const theirs = path.join(scratch, 'theirs');
  mkdirSync(theirs);
  writeFileSync(path.join(scratch, 'archive.tar'), archive);
  const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' };
  await run('tar', ['-xf', path.join(scratch, 'archive.tar'), '-C', theirs, '--no-same-owner'], { env });
  assert.deepEqual(tree(theirs), tree(ours), 'GNU tar');
  return 'agreed';
}

/** Names, few enough to meet. */
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'd/a', 'd/b', './c', 'd/e/f', 'größe', '\ufeffx') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('d/', 'd//a', '.', './', '', 'a/.', `${'n'.repeat(99)}/`, 'n'.repeat(100)),
  },
);
const bytes = fc.uint8Array({ minLength: 0, maxLength: 600 });
const digits = fc.constantFrom('3', '03', '0x3', '+3', '3e0', '', ' 3', '-3', '3.0', '3\0');

/** Records of an extended header, well formed and not. */
const records = fc.oneof(
  { weight: 4, arbitrary: fc.record({ path: name }) },
  fc.record({ path: name, linkpath: name }),
  fc.record({ size: digits }),
  fc.record({ mtime: fc.constantFrom('1', '-1', '1.5', 'x', '') }),
  fc.record({ comment: fc.constant('one\ntwo=three') }),
  fc.constantFrom<Record<string, string>>(
    { 'GNU.sparse.name': 'x' },
    { 'SCHILY.xattr.user.x': 'a\0b' },
    { hdrcharset: 'BINARY' },
    { uid: '99999999999' },
  ),
);

const extension: fc.Arbitrary<RawEntry> = fc.oneof(
  { weight: 3, arbitrary: records.map((each) => pax(each)) },
  records.map((each) => pax(each, 'g')),
  fc
    .tuple(fc.constantFrom('L', 'K'), name, fc.constantFrom('\0', '', '\0\0'))
    .map(([type, text, end]) => ({ path: '././@LongLink', type, content: Buffer.from(text + end) })),
  // The length of a record as other programs may read it.
  fc.constantFrom('0x15', '21e0', '+20', '020', '20 ', '19', '20').map((length) => ({
    path: 'pax',
    type: 'x',
    content: Buffer.from(`${length} path=sixteen-byte\n`),
  })),
);

const entry: fc.Arbitrary<RawEntry[]> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ path: name, content: bytes }).map((each) => [each]) },
  { weight: 2, arbitrary: name.map((each) => [{ path: each, type: '5' }]) },
  fc
    .record({
      path: name,
      type: fc.constantFrom('1', '2'),
      linkname: fc.constantFrom('a', 'd/a', 'b', '', 'd/'),
    })
    .map((each) => [each]),
  fc
    .record({
      path: name,
      type: fc.constantFrom('\0', '0', '1', '2', '5', '7', 'D', 'M', 'N', 'S', 'V', 'X', 'A', 'Z'),
      size: fc.constantFrom(0, 3, 512),
      content: bytes,
    })
    .map((each) => [each]),
  {
    weight: 3,
    arbitrary: fc.tuple(extension, fc.record({ path: name, content: bytes })).map((each) => [...each]),
  },
  fc.tuple(extension, extension, fc.record({ path: name, content: bytes })).map((each) => [...each]),
);

/** Fields of a header and what may stand in them: where it begins, how long it is. */
const fields = fc.oneof(
  fc.record({
    at: fc.constantFrom(100, 108, 116, 124, 136),
    text: fc.constantFrom(
      '\0\0\0\0\0\0\0\0',
      '        ',
      '\x0000000007',
      '0000007\0',
      '     7 \0',
      '0000007x',
      '00007\0x',
      '-0000007',
      '\x80\0\0\0\0\0\0\x07',
      '\xff\xff\xff\xff\xff\xff\xff\xf0',
      '\x81\0\0\0\0\0\0\0',
      '0000009\0',
    ),
  }),
  fc.record({
    at: fc.constant(257),
    text: fc.constantFrom(
      'ustar\x0000',
      'ustar  \0',
      '\0\0\0\0\0\0\0\0',
      'ustar\0\0\0',
      'ustar   ',
      'USTAR\x0000',
    ),
  }),
  fc.record({ at: fc.constant(345), text: fc.constantFrom('prefix', 'p/', '\0x', 'p\xff') }),
  fc.record({ at: fc.constantFrom(0, 3, 157), text: fc.constantFrom('\xff', '\0x', '\xc3', '/') }),
  fc.record({ at: fc.nat(511), text: fc.constantFrom('\0', '1', '\xff', ' ') }),
);

/** Any archive: well formed entries, changed fields with the checksum made right again, a cut or something at the end. */
export const anyArchive: fc.Arbitrary<Buffer> = fc
  .record({
    entries: fc.array(entry, { minLength: 1, maxLength: 4 }).map((each) => each.flat()),
    change: fc.option(fc.record({ header: fc.nat(3), ...{ field: fields } }), { freq: 2 }),
    end: fc.constantFrom(
      'two blocks',
      'two blocks',
      'one block',
      'none',
      'a cut',
      'an entry behind it',
      'zeros',
      'half',
    ),
  })
  .map(({ entries, change, end }) => {
    const headers: number[] = [];
    const parts: Buffer[] = [];
    let at = 0;
    for (const each of entries) {
      headers.push(at);
      const part = rawTar([each], { end: false });
      parts.push(part);
      at += part.length;
    }
    const archive = Buffer.concat(parts);
    const start = change === null ? undefined : headers[change.header];
    if (change !== null && start !== undefined) {
      const block = archive.subarray(start, start + 512);
      block.write(change.field.text, change.field.at, 'latin1');
      withSum(block);
    }
    return Buffer.concat([archive, ending(end)]);
  });

function ending(kind: string): Buffer {
  const blocks = (count: number): Buffer => Buffer.alloc(512 * count);
  if (kind === 'two blocks') return blocks(2);
  if (kind === 'one block') return blocks(1);
  if (kind === 'a cut') return Buffer.from('x');
  if (kind === 'an entry behind it') return Buffer.concat([blocks(1), rawTar([{ path: 'hidden' }])]);
  if (kind === 'zeros') return blocks(20);
  if (kind === 'half') return blocks(3).subarray(0, 1300);
  return blocks(0);
}
