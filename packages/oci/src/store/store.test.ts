import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packArchive } from '../archive/pack.js';
import { describe as descriptorOf } from '../content/content.js';
import type { Descriptor } from '../content/descriptor.js';
import { OciError } from '../content/errors.js';
import { removeTree } from '../disk/remove-tree.js';
import { defaultStoreDirectory, Store } from './store.js';

interface Source {
  name: string;
  asked: number;
  fetch(descriptor: Descriptor): AsyncIterable<Uint8Array>;
}

/** A source of some contents, which counts how often it was asked. */
function sourceOf(...contents: Uint8Array[]): Source {
  const held = new Map(contents.map((content) => [descriptorOf('', content).digest, content]));
  return {
    name: 'source',
    asked: 0,
    async *fetch(descriptor) {
      this.asked++;
      const content = held.get(descriptor.digest);
      if (content === undefined)
        throw new OciError('BUNNY_ENOTFOUND', 'not here', { where: descriptor.digest, hint: '' });
      for (let at = 0; at < content.length; at += 1000) yield content.subarray(at, at + 1000);
    },
  };
}

const code = (wanted: string) => ({ code: wanted });
const day = 24 * 60 * 60 * 1000;

describe('the store', () => {
  let directory: string;
  let store: Store;
  const bytes = Buffer.from('content '.repeat(1000));
  const blob = descriptorOf('application/octet-stream', bytes);

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-store-'));
    store = await Store.open(directory);
  });
  afterEach(() => removeTree(directory));

  const overwrite = (digest: string, content: Uint8Array): void => {
    chmodSync(store.path(digest), 0o644);
    writeFileSync(store.path(digest), content);
  };

  it('stands where XDG says', () => {
    assert.equal(defaultStoreDirectory({ BUNNY_CACHE: '/x' }), '/x');
    assert.equal(defaultStoreDirectory({ XDG_CACHE_HOME: '/y' }), '/y/bunny');
    assert.match(defaultStoreDirectory({ XDG_CACHE_HOME: 'relative' }), /\/\.cache\/bunny$/);
    assert.match(defaultStoreDirectory({}), /\/\.cache\/bunny$/);
  });

  it('stands at an absolute path even where HOME is empty', () => {
    const { HOME } = process.env;
    process.env.HOME = '';
    try {
      assert.match(defaultStoreDirectory({}), /^\/(.*\/)?\.cache\/bunny$/);
    } finally {
      if (HOME === undefined) delete process.env.HOME;
      else process.env.HOME = HOME;
    }
  });

  it('is an image layout with read-only blobs', async () => {
    await store.put('a/b', bytes);
    assert.deepEqual(JSON.parse(readFileSync(path.join(directory, 'oci-layout'), 'utf8')), {
      imageLayoutVersion: '1.0.0',
    });
    assert.equal(statSync(store.path(blob.digest)).mode & 0o777, 0o444);
    assert.equal(await store.has(blob), true);
    assert.deepEqual(Buffer.from(await store.read(blob)), bytes);
    await Store.open(directory);
    writeFileSync(path.join(directory, 'oci-layout'), '{"imageLayoutVersion":"9"}');
    await assert.rejects(Store.open(directory), code('BUNNY_EMANIFEST'));
  });

  it('fetches what is missing once, however often it is wanted at the same time', async () => {
    const source = sourceOf(bytes);
    const paths = await Promise.all(Array.from({ length: 10 }, () => store.ensure(blob, [source])));
    assert.deepEqual(new Set(paths), new Set([store.path(blob.digest)]));
    assert.equal(source.asked, 1);
    assert.equal(await store.ensure(blob, []), store.path(blob.digest));
    assert.deepEqual(readdirSync(path.join(directory, 'ingest')), []);
  });

  it('goes on for one who waits when the one who asked first gives up', async () => {
    const controller = new AbortController();
    const slow = {
      name: 'slow',
      fetch: async function* () {
        yield bytes.subarray(0, 100);
        controller.abort();
        yield bytes.subarray(100);
      },
    };
    const first = store.ensure(blob, [slow], { signal: controller.signal });
    const second = store.ensure(blob, [sourceOf(bytes)]);
    await assert.rejects(first, code('BUNNY_EABORTED'));
    assert.equal(await second, store.path(blob.digest));
  });

  it('says what is missing where nothing may be fetched', async () => {
    await assert.rejects(store.ensure(blob, []), {
      code: 'BUNNY_EOFFLINE',
      where: blob.digest,
      remedy: 'online',
    });
    await assert.rejects(store.unpacked(blob, []), code('BUNNY_EOFFLINE'));
    await assert.rejects(store.load(blob, []), code('BUNNY_EOFFLINE'));
    await assert.rejects(store.read(blob), code('BUNNY_ENOTFOUND'));
  });

  it('tries sources in order, and tells what each said', async () => {
    const [empty, full] = [sourceOf(), sourceOf(bytes)];
    await store.ensure(blob, [empty, full]);
    assert.deepEqual([empty.asked, full.asked], [1, 1]);
    const other = descriptorOf('a/b', Buffer.from('other'));
    await assert.rejects(store.ensure(other, [empty, full]), (error: unknown) => {
      assert.equal((error as OciError).code, 'BUNNY_ENOTFOUND');
      assert.deepEqual((error as OciError).details, ['source: not here', 'source: not here']);
      return true;
    });
    await assert.rejects(store.ensure(other, [empty]), { code: 'BUNNY_ENOTFOUND', message: 'not here' });
  });

  it('takes no wrong byte in: wrong, short and long content leaves nothing behind', async () => {
    for (const wrong of [
      Buffer.from(bytes).fill(0, 500, 501),
      bytes.subarray(1),
      Buffer.concat([bytes, bytes]),
    ]) {
      const source = {
        name: 'liar',
        fetch: async function* () {
          yield wrong;
        },
      };
      await assert.rejects(store.ensure(blob, [source]));
      assert.equal(await store.has(blob), false);
      assert.deepEqual(readdirSync(path.join(directory, 'ingest')), []);
    }
    // The next source mends it.
    const liar = {
      name: 'liar',
      fetch: async function* () {
        yield bytes.subarray(1);
      },
    };
    await store.ensure(blob, [liar, sourceOf(bytes)]);
    assert.deepEqual(Buffer.from(await store.read(blob)), bytes);
  });

  it('uses content that a descriptor carries without asking anybody', async () => {
    const inline = { ...blob, data: bytes.toString('base64') };
    assert.deepEqual(Buffer.from(await store.load(inline, [])), bytes);
    await store.ensure(inline, []);
    assert.equal(await store.has(blob), true);
    const wrong = { ...blob, data: Buffer.from('other').toString('base64') };
    await assert.rejects(store.load(wrong, []), code('BUNNY_ESIZE'));
  });

  it('finds a truncated blob by its size and a corrupt one when it is read, and fetches both again', async () => {
    const source = sourceOf(bytes);
    await store.ensure(blob, [source]);
    overwrite(blob.digest, bytes.subarray(0, 10));
    assert.equal(await store.has(blob), false);
    await store.ensure(blob, [source]);
    overwrite(blob.digest, Buffer.from(bytes).fill(0, 500, 501));
    await assert.rejects(store.read(blob), code('BUNNY_EDIGEST'));
    assert.deepEqual(Buffer.from(await store.load(blob, [source])), bytes);
    assert.equal(source.asked, 3);
  });

  it('unpacks a layer once, read-only, also when many want it', async () => {
    const packed = await packArchive([{ path: 'include/a.h', content: 'int a;' }]);
    const layer = descriptorOf('application/gzip', packed.bytes);
    const source = sourceOf(packed.bytes);
    const trees = await Promise.all(Array.from({ length: 5 }, () => store.unpacked(layer, [source])));
    const tree = trees[0] ?? '';
    assert.equal(new Set(trees).size, 1);
    assert.equal(readFileSync(path.join(tree, 'include/a.h'), 'utf8'), 'int a;');
    assert.equal(statSync(path.join(tree, 'include')).mode & 0o222, 0);
    assert.equal(source.asked, 1);
    // Another process finds it, and needs neither blob nor source.
    await store.prune({ olderThan: day });
    assert.equal(await new Store(directory).unpacked(layer, []), tree);
    assert.deepEqual(readdirSync(path.dirname(tree)), [path.basename(tree)]);
  });

  it('never unpacks a corrupt layer: it is fetched again, or the error says so', async () => {
    const packed = await packArchive([{ path: 'a.o', content: Buffer.alloc(5000, 3) }]);
    const layer = descriptorOf('application/gzip', packed.bytes);
    for (const spoil of [20, packed.bytes.length - 5, packed.bytes.length - 1]) {
      await store.ensure(layer, [sourceOf(packed.bytes)]);
      const wrong = Buffer.from(packed.bytes);
      wrong[spoil] = (wrong[spoil] ?? 0) ^ 0xff;
      overwrite(layer.digest, wrong);
      await assert.rejects(store.unpacked(layer, []));
      assert.equal(existsSync(store.path(layer.digest)), false, 'the corrupt blob is gone');
      await store.ensure(layer, [sourceOf(packed.bytes)]);
      overwrite(layer.digest, wrong);
      const tree = await store.unpacked(layer, [sourceOf(packed.bytes)]);
      assert.deepEqual(readFileSync(path.join(tree, 'a.o')), Buffer.alloc(5000, 3));
      assert.deepEqual(readdirSync(path.dirname(tree)), [path.basename(tree)]);
      await store.prune();
    }
  });

  it('unpacks the layers of an image over each other, with links from its root', async () => {
    const layers = [];
    const contents = [];
    for (const entries of [
      [
        { path: 'usr/bin/tool', content: 'v1' },
        { path: 'bin', linkname: '/usr/bin' },
        { path: 'old', content: '' },
      ],
      [
        { path: 'usr/bin/tool', content: 'v2' },
        { path: '.wh.old', content: '' },
      ],
    ]) {
      const { bytes: content } = await packArchive(entries);
      contents.push(content);
      layers.push(descriptorOf('application/gzip', content));
    }
    const root = await store.unpackedImage(layers, [sourceOf(...contents)]);
    assert.equal(readFileSync(path.join(root, 'usr/bin/tool'), 'utf8'), 'v2');
    assert.equal(existsSync(path.join(root, 'old')), false);
    assert.equal(await store.unpackedImage(layers, []), root);
    assert.notEqual(await store.unpackedImage([...layers].reverse(), []).catch(() => ''), root);
    await assert.rejects(store.unpacked(layers[0] as Descriptor, []), {
      code: 'BUNNY_EARCHIVE',
      where: new RegExp(`^${layers[0]?.digest}: .`),
    });
  });

  it('verifies everything and throws out what is corrupt, with the trees that came from it', async () => {
    const packed = await packArchive([{ path: 'a', content: 'a' }]);
    const layer = descriptorOf('application/gzip', packed.bytes);
    const tree = await store.unpacked(layer, [sourceOf(packed.bytes)]);
    await store.put('a/b', bytes);
    assert.deepEqual((await store.verify()).corrupt, []);
    overwrite(layer.digest, Buffer.alloc(packed.bytes.length));
    writeFileSync(path.join(directory, 'blobs/sha256/stray'), 'x');
    const result = await store.verify();
    assert.deepEqual(result.corrupt.sort(), [layer.digest, 'sha256:stray'].sort());
    assert.equal(result.checked, 3);
    assert.equal(existsSync(tree), false);
    assert.deepEqual((await store.verify()).corrupt, []);
  });

  it('compares what was unpacked with its layers, and throws out what is not the same', async () => {
    const packed = await packArchive([
      { path: 'a', content: 'abc' },
      { path: 'd/e', content: 'e' },
    ]);
    const layer = descriptorOf('application/gzip', packed.bytes);
    const sources = [sourceOf(packed.bytes)];
    const injuries: ((directory: string) => void)[] = [
      (directory) => {
        const file = path.join(directory, 'e');
        rmSync(file);
        writeFileSync(file, 'f', { mode: 0o444 });
      },
      (directory) => rmSync(path.join(directory, 'e')),
      (directory) => writeFileSync(path.join(directory, 'f'), ''),
      (directory) => chmodSync(path.join(directory, 'e'), 0o755),
    ];
    for (const injure of injuries) {
      for (const unpack of [
        () => store.unpacked(layer, sources),
        () => store.unpackedImage([layer], sources),
      ]) {
        const tree = await unpack();
        const inner = path.join(tree, 'd');
        const { mode } = statSync(inner);
        chmodSync(inner, 0o755);
        injure(inner);
        chmodSync(inner, mode);
        const { trees, damaged, corrupt } = await store.verify();
        assert.deepEqual([trees, damaged.length, corrupt], [1, 1, []]);
        assert.equal(existsSync(tree), false);
        assert.equal(readFileSync(path.join(await unpack(), 'd/e'), 'utf8'), 'e');
        assert.deepEqual((await store.verify()).damaged, []);
        await store.prune();
      }
    }
    assert.deepEqual(readdirSync(path.join(directory, 'unpacked/layer')), []);
  });

  it('is pruned by age, by size, or to what is kept', async () => {
    const now = Date.now();
    const blobs = [];
    for (const [i, age] of [30, 20, 10, 0].entries()) {
      const descriptor = await store.put('a/b', Buffer.alloc(1000, i));
      utimesSync(store.path(descriptor.digest), (now - age * day) / 1000, (now - age * day) / 1000);
      blobs.push(descriptor.digest);
    }
    const [oldest, older, old, fresh] = blobs as [string, string, string, string];
    const plan = await store.prune({ olderThan: 15 * day, dryRun: true });
    assert.deepEqual(plan, {
      removed: [oldest, older],
      trees: [],
      beside: [],
      inUse: [],
      freed: 2000,
      left: 2000,
    });
    assert.equal((await store.list()).length, 4);
    assert.deepEqual((await store.prune({ olderThan: 15 * day, keep: new Set([oldest]) })).removed, [older]);
    assert.deepEqual((await store.prune({ toSize: 2500 })).removed, [oldest]);
    assert.deepEqual(
      (await store.list()).map((each) => each.digest),
      [old, fresh].sort(),
    );
    assert.deepEqual((await store.prune({ keep: new Set([fresh]) })).removed, [old]);
  });

  it('is pruned to a size that counts what is unpacked, a tree before the blob that it is made from', async () => {
    const now = Date.now();
    const layers: Descriptor[] = [];
    for (const [i, age] of [30, 20].entries()) {
      const content = randomBytes(10_000);
      const { bytes: packed } = await packArchive([
        { path: 'a', content },
        { path: 'b/c', content },
      ]);
      const layer = descriptorOf('application/gzip', packed);
      layers.push(layer);
      const tree = await store.unpacked(layer, [sourceOf(packed)]);
      // Who uses a tree does not touch its blob.
      utimesSync(tree, (now - age * day) / 1000, (now - age * day) / 1000);
      const earlier = (now - (age + i) * day) / 1000;
      utimesSync(store.path(layer.digest), earlier, earlier);
    }
    const [old, recent] = layers as [Descriptor, Descriptor];
    const nameOf = ({ digest }: Descriptor): string => `layer/${digest.replace('sha256:', '')}`;
    const sizes = (await store.trees()).map(({ name, size }) => [name, size]);
    assert.deepEqual(sizes, [old, recent].map((layer) => [nameOf(layer), 20_000]).sort());

    const rest = recent.size + 20_000;
    const total = old.size + 20_000 + rest;
    assert.equal((await store.prune({ toSize: total })).freed, 0);
    const first = await store.prune({ toSize: total - 1 });
    assert.deepEqual(first, {
      removed: [],
      trees: [nameOf(old)],
      beside: [],
      inUse: [],
      freed: 20_000,
      left: total - 20_000,
    });
    const second = await store.prune({ toSize: rest, keep: new Set([recent.digest]) });
    assert.deepEqual([second.removed, second.trees, second.left], [[old.digest], [], rest]);
    const third = await store.prune({ toSize: 0, keep: new Set([recent.digest]) });
    assert.deepEqual([third.freed, third.left], [0, rest]);
  });

  it('prunes what stands beside the blobs by the same rules, unless it is in use', async () => {
    const now = Date.now();
    const gone: string[] = [];
    const beside = [10, 30, 20].map((age) => ({
      name: `work/${age}`,
      size: 1000,
      used: new Date(now - age * day),
      remove: async () => age !== 20 && gone.push(`work/${age}`) > 0,
    }));
    assert.deepEqual((await store.prune({ beside, olderThan: 15 * day, dryRun: true })).beside, [
      'work/30',
      'work/20',
    ]);
    const result = await store.prune({ beside, toSize: 1500 });
    assert.deepEqual(result, {
      removed: [],
      trees: [],
      beside: ['work/30', 'work/10'],
      inUse: [],
      freed: 2000,
      left: 1000,
    });
    assert.deepEqual(gone, result.beside);
  });

  it('removes a tree as a whole: nobody sees a part of it under its name', async () => {
    const entries = Array.from({ length: 300 }, (_, i) => ({ path: `d${i % 10}/f${i}`, content: 'x' }));
    const { bytes: packed } = await packArchive(entries);
    const tree = await store.unpacked(descriptorOf('application/gzip', packed), [sourceOf(packed)]);
    const pruning = store.prune();
    for (; existsSync(tree); await new Promise((resolve) => setImmediate(resolve))) {
      let found = -1;
      try {
        const all = readdirSync(tree, { recursive: true, withFileTypes: true });
        found = all.filter((entry) => entry.isFile()).length;
      } catch {
        // It went meanwhile: then it is gone at once.
      }
      if (existsSync(tree)) assert.equal(found, 300);
    }
    await pruning;
    assert.deepEqual(readdirSync(path.dirname(tree)), []);
  });

  it('knows what is used: a blob that is asked for is not old any more', async () => {
    const descriptor = await store.put('a/b', bytes);
    const long = (Date.now() - 30 * day) / 1000;
    utimesSync(store.path(descriptor.digest), long, long);
    await store.ensure(descriptor, []);
    assert.deepEqual((await store.prune({ olderThan: 15 * day })).removed, []);
  });

  it('removes what killed processes left, once it is old', async () => {
    const orphan = path.join(directory, 'ingest/orphan');
    await store.put('a/b', bytes);
    writeFileSync(orphan, 'half');
    await store.prune({ olderThan: day });
    assert.ok(existsSync(orphan));
    await store.prune({ olderThan: 3 * day, now: Date.now() + 2 * day });
    assert.equal(existsSync(orphan), false);
  });

  it('stops when it is told to, with nothing half-written', async () => {
    const controller = new AbortController();
    const source = {
      name: 'slow',
      fetch: async function* () {
        yield bytes.subarray(0, 100);
        controller.abort();
        yield bytes.subarray(100);
      },
    };
    await assert.rejects(
      store.ensure(blob, [source, sourceOf(bytes)], { signal: controller.signal }),
      code('BUNNY_EABORTED'),
    );
    assert.deepEqual(readdirSync(path.join(directory, 'ingest')), []);
  });
});
