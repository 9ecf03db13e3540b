import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { removeTree, Store } from 'bunny-libos-oci';
import {
  type BunnyOptions,
  bunny,
  bunnyDone,
  bunnyError,
  bunnyJson,
} from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, filesBelow, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { openProjectWork, WorkPlace } from 'bunny-libos-tooling';

interface Listing {
  directory: string;
  bytes: number;
  blobs: { digest: string; size: number; used: string; unpacked: boolean }[];
  trees: { name: string; size: number }[];
  entries: { name: string; size: number }[];
}

interface Pruned {
  freed: number;
  left: number;
  blobs: string[];
  trees: string[];
  entries: string[];
}

describe('bunny cache', function () {
  this.timeout(120_000);
  let app: string;
  /** A store in which the app was built, which each test gets a copy of. */
  let filled: string;
  let store: string;
  let options: BunnyOptions;

  const target = ['--arch', 'amd64', '--platform', 'linuxu'];
  const blobFile = (digest: string) => join(store, 'blobs', 'sha256', digest.replace('sha256:', ''));
  const list = () => bunnyJson<Listing>(['cache', 'ls'], options);
  const builds = async (more: readonly string[] = []) => {
    await rm(join(app, 'build'), { recursive: true, force: true });
    await rm(join(store, 'work'), { recursive: true, force: true });
    return bunny(['build', '--frozen', ...target, ...more], options);
  };
  const lock = async () => JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')).targets;

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry } = await warren();
    app = await copyOfApp('hello');
    filled = join(await temporaryDirectory('store'), 'store');
    await bunnyDone(['resolve', '--from', registry], { cwd: app, store: filled });
    await bunnyDone(['build', '--frozen', ...target], { cwd: app, store: filled });
  });

  beforeEach(async () => {
    store = join(await temporaryDirectory('store'), 'store');
    await promisify(execFile)('cp', ['-a', filled, store]);
    options = { cwd: app, store };
  });

  it('ls lists what there is', async () => {
    const { directory, blobs, trees, bytes } = await list();
    assert.equal(directory, store);
    const files = (await filesBelow(join(store, 'blobs', 'sha256'))).map((each) => `sha256:${each}`);
    assert.deepEqual(
      blobs.map(({ digest }) => digest),
      files,
    );
    const { entries } = await list();
    assert.equal(
      bytes,
      [...blobs, ...trees, ...entries].reduce((sum, { size }) => sum + size, 0),
    );
    const unpacked = (await readdir(join(store, 'unpacked', 'layer'))).map((name) => `layer/${name}`);
    assert.deepEqual(
      trees.map(({ name }) => name).filter((name) => name.startsWith('layer/')),
      unpacked.sort(),
    );
    const [image] = trees.filter(({ name }) => name.startsWith('image/'));
    // The tooling's compilers.
    assert.ok(image !== undefined && image.size > 10_000_000, `${image?.size}`);
    const [{ components }] = (await lock()).filter(
      ({ platform }: { platform: string }) => platform === 'linuxu',
    );
    for (const { layer } of components) {
      assert.equal(blobs.find(({ digest }) => digest === layer.digest)?.unpacked, true);
    }
    const { stdout } = await bunnyDone(['cache', 'ls'], options);
    assert.equal(stdout.trimEnd().split('\n').length, 1 + blobs.length + trees.length + entries.length);
  });

  it('ls makes no store where there is none', async () => {
    const none = join(await temporaryDirectory('store'), 'none');
    const { blobs, bytes } = await bunnyJson<Listing>(['cache', 'ls'], { store: none });
    assert.deepEqual([blobs, bytes], [[], 0]);
    await assert.rejects(readdir(none), { code: 'ENOENT' });
  });

  it('verify finds a damaged blob, which is fetched again and never used', async () => {
    assert.equal((await bunny(['cache', 'verify'], options)).status, 0);
    const [{ components }] = (await lock()).filter(
      ({ platform }: { platform: string }) => platform === 'linuxu',
    );
    const { digest } = components[0].layer;
    await rm(blobFile(digest));
    await writeFile(blobFile(digest), 'rubbish');
    const { status, stdout } = await bunny(['cache', 'verify', '--json'], options);
    assert.equal(status, 1);
    assert.deepEqual(JSON.parse(stdout).corrupt, [digest]);
    assert.equal((await bunny(['cache', 'verify'], options)).status, 0);
    assert.equal((await builds()).status, 0);
    assert.equal((await bunny(['cache', 'verify'], options)).status, 0);
    assert.ok((await list()).blobs.some((each) => each.digest === digest && each.unpacked));
  });

  it('verify finds an unpacked tree that somebody changed, and it is made again', async () => {
    const trees = join(store, 'unpacked/layer');
    const file = (await filesBelow(trees)).find((each) => each.endsWith('objects/src/start.c.o'));
    assert.ok(file !== undefined);
    const object = join(trees, file);
    const sound = await readFile(object);
    await chmod(dirname(object), 0o755);
    await rm(object);
    await writeFile(object, sound.fill(0x90, 64, 68), { mode: 0o444 });
    const { status, stdout, stderr } = await bunny(['cache', 'verify', '--json'], options);
    assert.equal(status, 1);
    assert.match(stderr, /unpacked\/layer\/\w+ is not what its layers hold, and is removed/);
    assert.deepEqual(JSON.parse(stdout).damaged, [`layer/${file.split('/')[0]}`]);
    assert.equal((await bunny(['cache', 'verify'], options)).status, 0);
    assert.equal((await builds(['--offline'])).status, 0);
  });

  describe('of a store that may only be read', () => {
    const mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';
    let readOnly: BunnyOptions;
    beforeEach(() => {
      const through = ['unshare', '--mount', '--map-root-user', 'sh', '-c', mount, 'sh', store];
      readOnly = { ...options, through };
    });

    it('verify and ls do all but remove what is damaged', async () => {
      const { blobs } = await bunnyJson<Listing>(['cache', 'ls'], readOnly);
      assert.ok(blobs.length > 5);
      const sound = await bunny(['cache', 'verify'], readOnly);
      assert.equal(sound.status, 0, sound.stderr);
      const [{ components }] = await lock();
      const { digest } = components[0].layer;
      const tree = `layer/${digest.replace('sha256:', '')}`;
      await rm(blobFile(digest));
      await writeFile(blobFile(digest), 'rubbish');
      const { status, stdout, stderr } = await bunny(['cache', 'verify', '--json'], readOnly);
      assert.equal(status, 1, stderr);
      assert.deepEqual(JSON.parse(stdout).left, [digest, tree]);
      assert.match(
        stderr,
        new RegExp(`${digest} was damaged, and cannot be removed: the store may only be read`),
      );
      const removed = await bunny(['cache', 'verify', '--json'], options);
      assert.deepEqual(JSON.parse(removed.stdout).corrupt, [digest]);
      assert.deepEqual(JSON.parse(removed.stdout).left, []);
    });

    it('what is in it is built and mirrored', async () => {
      await rm(join(store, 'metadata'), { recursive: true });
      await rm(join(app, 'build'), { recursive: true, force: true });
      const built = await bunny(['build', '--frozen', ...target], readOnly);
      assert.equal(built.status, 0, built.stderr);
      const copy = `oci:${join(await temporaryDirectory('mirror'), 'copy')}`;
      const mirrored = await bunny(['mirror', '--to', copy, ...target], readOnly);
      assert.equal(mirrored.status, 0, mirrored.stderr);
    });

    it('what is not in it cannot be kept, and that is said', async () => {
      const [{ components }] = await lock();
      const hex = components[0].layer.digest.replace('sha256:', '');
      await removeTree(join(store, 'unpacked', 'layer', hex));
      const { code, where, status } = await bunnyError(['build', '--frozen', ...target], readOnly);
      assert.deepEqual([code, status], ['BUNNY_EACCESS', 74]);
      assert.ok(String(where).startsWith(join(store, 'unpacked', 'layer')), String(where));
      const inner = join(store, 'none', 'store');
      const none = await bunnyError(['build', '--frozen', ...target], { ...readOnly, store: inner });
      assert.deepEqual([none.code, none.where], ['BUNNY_EACCESS', inner]);
      assert.equal((await bunny(['cache', 'verify'], { ...readOnly, store: inner })).status, 0);
    });
  });

  it('prune keeps what a lock pins, and nothing else', async () => {
    await writeFile(join(store, 'blobs', 'sha256', '0'.repeat(64)), '');
    const before = (await list()).blobs.map(({ digest }) => digest);
    const words = ['cache', 'prune', '--keep', 'bunny.lock'];
    const plan = await bunnyJson<Pruned>([...words, '--dry-run'], options);
    assert.deepEqual(
      (await list()).blobs.map(({ digest }) => digest),
      before,
    );
    const done = await bunnyJson<Pruned>(words, options);
    assert.deepEqual(done, { ...plan, dryRun: false });
    assert.ok(done.blobs.includes(`sha256:${'0'.repeat(64)}`));
    const kept = new Set((await list()).blobs.map(({ digest }) => digest));
    const held = (await lock()).flatMap(
      ({
        tooling,
        components,
      }: {
        tooling: { rootfs: { digest: string }[] };
        components: { layer: { digest: string } }[];
      }) => [...tooling.rootfs.map(({ digest }) => digest), ...components.map(({ layer }) => layer.digest)],
    );
    for (const digest of held) if (before.includes(digest)) assert.ok(kept.has(digest), digest);
    const offline = await builds(['--offline']);
    assert.equal(offline.status, 0, offline.stderr);
  });

  it('prune removes by age what has not been used', async () => {
    const old = await (await Store.open(store)).put('text/plain', Buffer.from('long unused'));
    const then = new Date(Date.now() - 40 * 86_400_000);
    await utimes(blobFile(old.digest), then, then);
    const done = await bunnyJson<Pruned>(['cache', 'prune', '--older-than', '30d'], options);
    assert.deepEqual(done.blobs, [old.digest]);
    assert.equal(done.freed, old.size);
    assert.deepEqual((await bunnyJson<Pruned>(['cache', 'prune', '--older-than', '30d'], options)).blobs, []);
  });

  it('prune removes until the rest is small enough', async () => {
    const { bytes, blobs } = await list();
    const packed = blobs.reduce((sum, { size }) => sum + size, 0);
    // What is unpacked goes first: from its blob it is made again without the network.
    const first = await bunnyJson<Pruned>(['cache', 'prune', '--max-size', `${packed}B`], options);
    assert.deepEqual(first.blobs, []);
    assert.ok(first.trees.some((name) => name.startsWith('image/')));
    assert.ok(first.left <= packed);
    assert.equal(first.left + first.freed, bytes);
    assert.equal((await list()).bytes, first.left);
    const offline = await builds(['--offline']);
    assert.equal(offline.status, 0, offline.stderr);
    const { left } = await bunnyJson<Pruned>(['cache', 'prune', '--max-size', '1MB'], options);
    assert.ok(left <= 1_000_000);
    assert.equal((await builds()).status, 0);
  });

  it('prune removes everything, work directories too, and all is fetched again', async () => {
    const { store: maker } = await warren();
    await cp(join(maker, 'rootfs'), join(store, 'rootfs'), { recursive: true });
    const { entries } = await list();
    assert.ok(entries.some(({ name }) => name.startsWith('rootfs/')));
    const done = await bunnyJson<Pruned>(['cache', 'prune', '--all'], options);
    // The longest unused first.
    assert.deepEqual(done.entries.sort(), entries.map(({ name }) => name).sort());
    const { blobs, bytes } = await list();
    assert.deepEqual([blobs, bytes], [[], 0]);
    assert.deepEqual(await filesBelow(join(store, 'unpacked')), []);
    assert.equal((await builds()).status, 0);
  });

  it('prune leaves what another command is using, and says so', async () => {
    assert.equal((await builds()).status, 0);
    const using = await Store.open(store);
    const [tree] = (await using.trees()).filter(({ name }) => name.startsWith('layer/'));
    assert.ok(tree !== undefined);
    const [digest = ''] = tree.layers;
    const size = (await stat(blobFile(digest))).size;
    await using.ensure({ mediaType: 'application/gzip', digest, size }, []);
    const { stderr } = await bunnyDone(['cache', 'prune', '--all'], options);
    assert.match(stderr, /^note: 2 of them stay, as other commands are using them$/m);
    assert.deepEqual(
      (await list()).blobs.map((blob) => blob.digest),
      [digest],
    );
    assert.equal((await builds()).status, 0);
  });

  it('prune removes the work of projects that are gone, whatever else is said, and ls says whose it is', async () => {
    const gone = await copyOfApp('hello');
    const work = (path: string) => openProjectWork({ directory: store }, path);
    const left = work(gone);
    const mine = work(app);
    await rm(gone, { recursive: true });
    const { stdout } = await bunnyDone(['cache', 'ls'], options);
    assert.match(stdout, new RegExp(`${basename(left)} +${gone} \\(gone\\)$`, 'm'));
    assert.match(stdout, new RegExp(`${basename(mine)} +${app}$`, 'm'));
    const done = await bunnyJson<Pruned>(['cache', 'prune', '--older-than', '30d'], options);
    assert.deepEqual(done.entries, [`work/${basename(left)}`]);
    assert.deepEqual(await readdir(join(store, 'work')), [basename(mine)]);
  });

  it('prune leaves work alone while somebody builds there', async () => {
    const mine = openProjectWork({ directory: store }, app);
    const place = new WorkPlace(join(mine, 'amd64-linuxu'));
    const prune = () => bunnyJson<Pruned>(['cache', 'prune', '--all'], options);
    const kept = await place.hold(prune, { timeout: 1000, signal: undefined });
    assert.ok(!kept.entries.includes(`work/${basename(mine)}`));
    assert.ok((await readdir(place.path)).includes('work'));
    assert.deepEqual((await prune()).entries, [`work/${basename(mine)}`]);
    assert.deepEqual(await readdir(join(store, 'work')), []);
  });

  it('prune wants to be told what may go, and locks that exist', async () => {
    assert.equal((await bunnyError(['cache', 'prune'], options)).code, 'BUNNY_EUSAGE');
    const missing = await bunnyError(['cache', 'prune', '--keep', 'none.lock'], options);
    assert.equal(missing.code, 'BUNNY_ENOFILE');
    assert.equal((await bunny(['cache', 'prune', '--older-than', 'yesterday'], options)).status, 2);
    assert.ok((await list()).blobs.length > 0);
  });
});
