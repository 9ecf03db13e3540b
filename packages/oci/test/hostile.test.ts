import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  hostileArchives,
  pax,
  type RawEntry,
  rawHeader,
  rawTar,
} from 'bunny-libos-testing/hostile/archives.js';
import { hostileManifests } from 'bunny-libos-testing/hostile/manifests.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';
import fc from 'fast-check';
import { unpackArchive } from '../src/archive/unpack.js';
import { OciError } from '../src/content/errors.js';
import { parseManifest } from '../src/content/manifest-validation.js';
import { removeTree } from '../src/disk/remove-tree.js';

const corpus = repositoryFile('fixtures/hostile');

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** Everything below a directory, links not followed. */
function everything(directory: string, prefix = ''): string[] {
  return readdirSync(path.join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(prefix, entry.name);
    return entry.isDirectory() ? [name, ...everything(directory, name)] : [name];
  });
}

describe('hostile content', function () {
  this.timeout(60_000);
  let scratch: string;
  let around: string;
  let inside: string;

  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-hostile-'));
    // What lies around the place of unpacking must stay as it is.
    around = path.join(scratch, 'around');
    inside = path.join(around, 'a/b/c/inside');
    writeFileSync(path.join(scratch, 'outside'), 'untouched');
  });
  afterEach(() => removeTree(scratch));

  function assertNothingOutside(): void {
    assert.deepEqual(
      readdirSync(scratch).sort(),
      ['around', 'outside'].filter((name) => readdirSync(scratch).includes(name)),
    );
    assert.equal(readFileSync(path.join(scratch, 'outside'), 'utf8'), 'untouched');
    const strays = everything(scratch).filter(
      (name) => !name.startsWith('around/a/b/c/inside') && !/^(outside|around(\/a(\/b(\/c)?)?)?)$/.test(name),
    );
    assert.deepEqual(strays, []);
    assert.ok(!readdirSync(tmpdir()).includes('bunny-escaped'));
  }

  it('stands in fixtures/hostile as it is made here', () => {
    const made = new Map<string, Buffer>();
    for (const [name, { bytes }] of Object.entries(hostileArchives))
      made.set(`archives/${name}.tar.gz`, bytes());
    for (const [name, { bytes }] of Object.entries(hostileManifests))
      made.set(`manifests/${name}.json`, bytes());
    const stored = ['archives', 'manifests'].flatMap((kind) =>
      readdirSync(path.join(corpus, kind)).map((name) => `${kind}/${name}`),
    );
    assert.deepEqual(stored.sort(), [...made.keys()].sort());
  });

  for (const [name, { code }] of Object.entries(hostileArchives)) {
    it(`in an archive is refused: ${name}`, async () => {
      const bytes = readFileSync(path.join(corpus, 'archives', `${name}.tar.gz`));
      await assert.rejects(unpackArchive(whole(bytes), inside), (error: unknown) => {
        assert.ok(error instanceof OciError, String(error));
        assert.equal(error.code, code, error.message);
        return true;
      });
      assertNothingOutside();
    });
  }

  for (const [name, { code }] of Object.entries(hostileManifests)) {
    it(`in a manifest is refused: ${name}`, () => {
      const bytes = readFileSync(path.join(corpus, 'manifests', `${name}.json`));
      assert.throws(() => parseManifest(bytes, undefined, name), { code });
    });
  }

  it('in a manifest of more than 4 MiB is not even parsed', () => {
    assert.throws(() => parseManifest(Buffer.alloc(4 * 2 ** 20 + 1, 0x20), undefined, 'large'), {
      code: 'BUNNY_ELIMIT',
    });
    const blob = `{"mediaType":"a/b","digest":"sha256:${'0'.repeat(64)}","size":1}`;
    const many = `{"schemaVersion":2,"config":${blob},"layers":[${'0,'.repeat(200_000)}0]}`;
    assert.throws(() => parseManifest(Buffer.from(many), undefined, 'many'), { code: 'BUNNY_EMANIFEST' });
  });

  it('of a million entries is refused in bounded time', async () => {
    const headers = Array.from({ length: 1000 }, (_, i) => rawHeader({ path: `d${i % 7}/.wh.${i}` }, 0));
    const block = Buffer.concat(headers);
    const millions = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 1000; i++) yield block;
    };
    await assert.rejects(unpackArchive(millions(), inside), {
      code: 'BUNNY_ELIMIT',
      message: /500000 entries/,
    });
    await assert.rejects(
      unpackArchive(whole(rawTar([{ path: 'a' }, { path: 'b' }, { path: 'c' }])), `${inside}2`, {
        entries: 2,
      }),
      { code: 'BUNNY_ELIMIT' },
    );
    await assert.rejects(
      unpackArchive(whole(rawTar([pax({ path: `${'a/'.repeat(200)}x` }), { path: 'x' }])), `${inside}3`, {
        entries: 100,
      }),
      { code: 'BUNNY_ELIMIT' },
    );
  });

  it('of a gzip bomb is refused by its ratio, in bounded memory', async () => {
    const zeros = gzipSync(Buffer.alloc(2 ** 20), { level: 9 });
    const bomb = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync(rawHeader({ path: 'zeros', size: 2 ** 31 }, 0));
      for (let i = 0; i < 2048; i++) yield zeros;
    };
    const before = process.memoryUsage().rss;
    await assert.rejects(unpackArchive(bomb(), inside), { code: 'BUNNY_ELIMIT', message: /250 times/ });
    assert.ok(process.memoryUsage().rss - before < 200 * 2 ** 20);
    await assert.rejects(
      unpackArchive(whole(rawTar([{ path: 'a', content: Buffer.alloc(5000) }])), `${inside}2`, {
        bytes: 4000,
      }),
      { code: 'BUNNY_ELIMIT' },
    );
  });

  it('of any kind is refused or stays inside', async () => {
    const name = fc
      .array(fc.constantFrom('a', 'b', '..', '.', '', 'c'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    const entry: fc.Arbitrary<RawEntry> = fc.oneof(
      fc.record({ path: name, content: fc.uint8Array({ maxLength: 20 }) }),
      fc.record({ path: name, type: fc.constantFrom('1', '2'), linkname: name }),
      fc.record({ path: name, type: fc.constantFrom('5', '0', 'L', 'x') }),
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.boolean(), async (entries, rootfs) => {
        const target = path.join(inside, String(round++));
        try {
          await unpackArchive(whole(rawTar(entries)), target, { rootfs });
        } catch (error) {
          assert.ok(error instanceof OciError, String(error));
          assert.ok(['BUNNY_EARCHIVE', 'BUNNY_EIO'].includes(error.code), error.code);
        }
        assertNothingOutside();
      }),
      { numRuns: 150 },
    );
  });

  it('of random bytes is refused', async () => {
    let round = 0;
    const valid = rawTar([
      { path: 'a/b', content: Buffer.from('x'.repeat(600)) },
      { path: 'l', type: '2', linkname: 'a' },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(valid.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(valid);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        await unpackArchive(whole(bytes), path.join(inside, String(round++))).catch((error: unknown) => {
          assert.ok(error instanceof OciError, String(error));
        });
        assertNothingOutside();
      }),
      { numRuns: 150 },
    );
  });
});
