import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { digestOf } from '../content/digest.js';
import { removeTree } from '../disk/remove-tree.js';
import { directoryDiffId, packDirectory } from './directory-pack.js';
import { packArchive } from './pack.js';
import { Unpacker, unpackArchive } from './unpack.js';

async function* one(bytes: Uint8Array, size = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('archives', () => {
  let scratch: string;
  let count = 0;
  const fresh = (): string => path.join(scratch, String(count++));

  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-archive-'));
  });
  after(() => removeTree(scratch));

  const entries = [
    { path: 'lib/b.o', content: Buffer.from([1, 2, 3]) },
    { path: 'lib/a.o', content: Buffer.alloc(1000, 7) },
    { path: 'include/x.h', content: 'int x;\n' },
    { path: 'bin/run', content: '#!/bin/sh\n', mode: 0o700 },
    { path: 'bin/alias', linkname: 'run' },
    { path: 'empty' },
    { path: `${'deep/'.repeat(40)}${'n'.repeat(120)}.h`, content: 'long' },
    { path: 'größe.h', content: 'utf-8' },
  ];

  it('have the same bytes whatever the order of entries, on every machine', async () => {
    const packed = await packArchive(entries);
    assert.deepEqual(await packArchive([...entries].reverse()), packed);
    assert.equal(packed.digest, digestOf(packed.bytes));
    assert.equal(packed.size, packed.bytes.length);
    assert.equal(packed.diffId, digestOf(gunzipSync(packed.bytes)));
    assert.equal(packed.digest, 'sha256:403bbb7bbf3bf5212959048b2e42c3652a62e1708eea03b05b52c55208a550e4');
  });

  it('are read by tar, with fixed owner, time and modes', async () => {
    const packed = await packArchive(entries);
    const listing = execFileSync('tar', ['-tvzf', '-', '--numeric-owner', '--full-time'], {
      input: packed.bytes,
      env: { TZ: 'UTC', LC_ALL: 'C.UTF-8', PATH: process.env.PATH },
    }).toString();
    assert.match(listing, /^-rwxr-xr-x 0\/0 +10 1970-01-01 00:00:00 bin\/run$/m);
    assert.match(listing, /^-rw-r--r-- 0\/0 +1000 1970-01-01 00:00:00 lib\/a\.o$/m);
    assert.match(listing, /^lrwxrwxrwx 0\/0 +0 1970-01-01 00:00:00 bin\/alias -> run$/m);
    assert.match(listing, /größe\.h$/m);
    assert.equal(listing.trim().split('\n').length, entries.length);
  });

  it('unpack to what was packed, in pieces of any size', async () => {
    const { bytes } = await packArchive(entries);
    for (const size of [1, 7, 512, 100_000]) {
      const directory = fresh();
      const result = await unpackArchive(one(bytes, size), directory);
      assert.equal(result.entries >= entries.length, true);
      assert.equal(readFileSync(path.join(directory, 'include/x.h'), 'utf8'), 'int x;\n');
      assert.equal(
        readFileSync(path.join(directory, `${'deep/'.repeat(40)}${'n'.repeat(120)}.h`), 'utf8'),
        'long',
      );
      assert.equal(readlinkSync(path.join(directory, 'bin/alias')), 'run');
      assert.equal(statSync(path.join(directory, 'bin/run')).mode & 0o777, 0o755);
      assert.equal(statSync(path.join(directory, 'lib/a.o')).mtimeMs, 1000);
      assert.ok(statSync(path.join(directory, 'empty')).isDirectory());
    }
  });

  it('of tar itself unpack as well: GNU and pax formats, hard links, long names', async () => {
    const source = fresh();
    mkdirSync(path.join(source, 'd', 'e'.repeat(90), 'f'.repeat(90)), { recursive: true });
    const deep = path.join(source, 'd', 'e'.repeat(90), 'f'.repeat(90), 'g'.repeat(90));
    writeFileSync(deep, 'deep');
    linkSync(deep, path.join(source, 'hard'));
    symlinkSync('x'.repeat(150), path.join(source, 'long-link'));
    for (const format of ['gnu', 'pax']) {
      const bytes = execFileSync('tar', ['-C', source, `--format=${format}`, '-czf', '-', '.']);
      const directory = fresh();
      await unpackArchive(one(bytes), directory);
      assert.equal(readFileSync(path.join(directory, 'hard'), 'utf8'), 'deep');
      assert.equal(statSync(path.join(directory, 'hard')).nlink, 2);
      assert.equal(readlinkSync(path.join(directory, 'long-link')), 'x'.repeat(150));
    }
  });

  it('is not made of a directory with more than anybody unpacks, and nothing of that is read', async () => {
    const root = fresh();
    mkdirSync(root);
    for (const [name, size] of [
      ['a', 10 * 2 ** 30],
      ['b', 7 * 2 ** 30],
    ] as const) {
      writeFileSync(path.join(root, name), '');
      truncateSync(path.join(root, name), size);
    }
    const refused = { code: 'BUNNY_ELIMIT', where: path.join(root, 'b') };
    await assert.rejects(packDirectory(root, path.join(scratch, 'large.tar.gz')), refused);
    await assert.rejects(directoryDiffId(root), refused);
  });

  it('of a directory are as those of its entries, wherever it stands and whoever owns it', async () => {
    const make = (umask: number): string => {
      const root = fresh();
      for (const entry of entries) {
        const file = path.join(root, entry.path);
        mkdirSync(path.dirname(file), { recursive: true });
        if ('linkname' in entry) symlinkSync(entry.linkname ?? '', file);
        else if (entry.content === undefined) mkdirSync(file);
        else {
          writeFileSync(file, entry.content);
          chmodSync(file, (entry.mode === undefined ? 0o666 : 0o777) & ~umask);
        }
      }
      linkSync(path.join(root, 'lib/a.o'), path.join(root, 'lib/hard.o'));
      return root;
    };
    const first = await packDirectory(make(0o22), path.join(scratch, 'first.tar.gz'));
    const second = await packDirectory(make(0o77), path.join(scratch, 'second.tar.gz'));
    assert.deepEqual(second, first);
    const bytes = readFileSync(path.join(scratch, 'first.tar.gz'));
    assert.equal(digestOf(bytes), first.digest);
    assert.equal(digestOf(gunzipSync(bytes)), first.diffId);
    const directory = fresh();
    await unpackArchive(one(bytes), directory);
    assert.deepEqual(readFileSync(path.join(directory, 'lib/hard.o')), Buffer.alloc(1000, 7));
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.includes('partial')),
      [],
    );
  });

  it('carry any tree through', async () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/);
    const tree = fc.dictionary(
      fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
      fc.uint8Array({ maxLength: 1500 }),
      { maxKeys: 12 },
    );
    await fc.assert(
      fc.asyncProperty(tree, async (files) => {
        const paths = Object.keys(files);
        fc.pre(!paths.some((a) => paths.some((b) => b.startsWith(`${a}/`))) && paths.length > 0);
        const packed = await packArchive(
          paths.map((each) => ({ path: each, content: files[each] as Uint8Array })),
        );
        const directory = fresh();
        await unpackArchive(one(packed.bytes, 333), directory);
        for (const each of paths)
          assert.deepEqual(new Uint8Array(readFileSync(path.join(directory, each))), files[each]);
      }),
      { numRuns: 25 },
    );
  });

  it('with bad or double paths are not made', async () => {
    for (const bad of ['', '/a', 'a/', 'a//b', './a', 'a/../b', 'a\0b']) {
      await assert.rejects(packArchive([{ path: bad, content: '' }]), { code: 'BUNNY_EARCHIVE' }, bad);
    }
    await assert.rejects(
      packArchive([
        { path: 'a', content: '' },
        { path: 'a', content: '' },
      ]),
      { code: 'BUNNY_EARCHIVE' },
    );
    await assert.rejects(packArchive([{ path: 'a', source: path.join(scratch, 'absent') }]), {
      code: 'BUNNY_EIO',
    });
  });

  it('of a directory are in the order of code units, whatever order the file system lists it in', async () => {
    const root = fresh();
    const names = [
      'b',
      'a.h',
      'a-b/x',
      'a/z',
      'a/B',
      'ä',
      'Z',
      ...Array.from({ length: 20 }, (_, i) => `n${i}`),
    ];
    for (const name of names) {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), '');
    }
    const file = fresh();
    await packDirectory(root, file);
    const env = { LC_ALL: 'C.UTF-8', PATH: process.env.PATH };
    const listed = execFileSync('tar', ['-tzf', file], { env, encoding: 'utf8' }).trim().split('\n');
    const paths = listed.map((name) => name.replace(/\/$/, ''));
    assert.deepEqual(paths, [...names, 'a', 'a-b'].sort());
  });

  it('of several layers apply in order, with whiteouts and opaque directories', async () => {
    const layers = await Promise.all([
      packArchive([
        { path: 'keep', content: '1' },
        { path: 'gone', content: '1' },
        { path: 'replaced', content: '1' },
        { path: 'tree/a', content: '1' },
        { path: 'opaque/old', content: '1' },
        { path: 'was-directory/x', content: '1' },
        { path: 'was-file', content: '1' },
      ]),
      packArchive([
        { path: '.wh.gone', content: '' },
        { path: 'replaced', content: '2' },
        { path: 'tree/.wh.a', content: '' },
        { path: 'tree/b', content: '2' },
        { path: 'opaque/.wh..wh..opq', content: '' },
        { path: 'opaque/new', content: '2' },
        { path: 'was-directory', content: 'file' },
        { path: 'was-file/x', content: '2' },
      ]),
    ]);
    const directory = fresh();
    const unpacker = new Unpacker(directory, { rootfs: true });
    for (const layer of layers) await unpacker.layer(one(layer.bytes));
    unpacker.finish();
    assert.deepEqual((readdirSync(directory, { recursive: true }) as string[]).sort(), [
      'keep',
      'opaque',
      'opaque/new',
      'replaced',
      'tree',
      'tree/b',
      'was-directory',
      'was-file',
      'was-file/x',
    ]);
    assert.equal(readFileSync(path.join(directory, 'replaced'), 'utf8'), '2');
  });

  it('hide by a whiteout nothing of its own layer, even where that comes first', async () => {
    const layers = await Promise.all([
      packArchive([
        { path: 'opaque/-sub/old', content: '1' },
        { path: 'opaque/-sub/deeper/old', content: '1' },
        { path: 'opaque/-file', content: '1' },
        { path: 'white/-sub/old', content: '1' },
        { path: 'white/-kept/old', content: '1' },
      ]),
      packArchive([
        { path: 'opaque/-sub/new', content: '2' },
        { path: 'opaque/.wh..wh..opq', content: '' },
        { path: 'white/-sub/new', content: '2' },
        { path: 'white/.wh.-sub', content: '' },
      ]),
    ]);
    const directory = fresh();
    const unpacker = new Unpacker(directory, { rootfs: true });
    for (const layer of layers) await unpacker.layer(one(layer.bytes));
    unpacker.finish();
    const files = (readdirSync(directory, { recursive: true }) as string[]).filter((name) =>
      /old|new/.test(name),
    );
    assert.deepEqual(files.sort(), ['opaque/-sub/new', 'white/-kept/old', 'white/-sub/new']);
  });

  it('take write permission away where asked', async () => {
    const directory = fresh();
    const { bytes } = await packArchive([{ path: 'd/f', content: 'x', mode: 0o755 }]);
    await unpackArchive(one(bytes), directory, { readOnly: true });
    assert.equal(statSync(path.join(directory, 'd')).mode & 0o777, 0o555);
    assert.equal(statSync(path.join(directory, 'd/f')).mode & 0o777, 0o555);
    await removeTree(directory);
  });
});
