import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  describe as describeBytes,
  isIndex,
  manifestType,
  openTarget,
  packManifest,
  parseManifest,
  readBytes,
  type Target,
} from 'bunny-libos-oci';
import { bunny, bunnyDone, bunnyError, bunnyJson, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { tagsInIndex } from './concurrent-publishers.js';

interface MirrorResult {
  items: { name: string; version: string; tag: string; digest: string; copied: number; bytes: number }[];
}

describe('bunny mirror', function () {
  this.timeout(120_000);
  let origin: DockerRegistry;
  let base: string;
  /** An app whose lock names the origin. */
  let app: string;
  let signed: { digest: string; referrer: string };

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store } = await warren();
    origin = await startDockerRegistry();
    base = `${origin.host}/libos`;
    const first = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', registry], { cwd: first, store });
    await bunnyDone(['mirror', '--to', base], { cwd: first, store });
    app = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', base], { cwd: app, store });
    signed = await attach(openTarget(`${base}/warren/libc`));
  });
  after(() => origin.stop());

  /** Lets something refer to a variant of a component, as a signature would. */
  async function attach(target: Target): Promise<{ digest: string; referrer: string }> {
    const tag = (await target.tags()).find((each) => each.includes('_'));
    const subject = await target.resolve(tag ?? '');
    if (subject === undefined) throw new Error('no variant');
    const { mediaType, digest, size } = subject;
    const referrer = await packManifest(target, {
      artifactType: 'application/vnd.example.signature',
      subject: { mediaType, digest, size },
    });
    return { digest, referrer: referrer.digest };
  }

  /** A copy of the app with its lock, from which nothing leads to where the lock was made. */
  async function copyOfLocked(): Promise<string> {
    const copy = join(await temporaryDirectory('app'), 'hello');
    await cp(app, copy, { recursive: true });
    return copy;
  }

  const imageOf = (directory: string) => readFile(join(directory, 'build', 'hello-amd64-linuxu'));
  const target = ['--arch', 'amd64', '--platform', 'linuxu'];

  it('copies a closure from which alone an app is built, to the same image', async () => {
    const { store } = await warren();
    await bunnyDone(['build', '--frozen', ...target], { cwd: app, store, env: { BUNNY_REGISTRY: base } });
    const place = await temporaryDirectory('mirror');
    const result = await bunnyJson<MirrorResult>(
      ['mirror', '--to', 'oci:copy', '--lock', join(app, 'bunny.lock')],
      {
        cwd: place,
        store: join(place, 'store'),
      },
    );
    assert.ok(result.items.length > 5);
    assert.ok(result.items.every(({ copied }) => copied > 0));

    await origin.stop();
    try {
      const offline = await copyOfLocked();
      const empty = join(await temporaryDirectory('store'), 'store');
      const mirror = `oci:${join(place, 'copy')}`;
      const built = await bunnyDone(['build', '--frozen', '--from', mirror, ...target], {
        cwd: offline,
        store: empty,
      });
      assert.ok(!built.stderr.includes('warning'), built.stderr);
      assert.ok((await imageOf(offline)).equals(await imageOf(app)));
      const again = await bunnyDone(['mirror', '--from', mirror, '--to', `oci:${join(place, 'again')}`], {
        cwd: offline,
        store: empty,
      });
      assert.match(again.stderr, /^ *Mirrored /);
      const refused = await bunnyError(['build', '--frozen', ...target], {
        cwd: await copyOfLocked(),
        store: join(await temporaryDirectory('store'), 'store'),
      });
      assert.equal(refused.code, 'BUNNY_ENETWORK');
    } finally {
      await origin.start();
    }
  });

  it('brings tags, what refers to the artifacts, indexes and the catalog', async () => {
    const place = await temporaryDirectory('mirror');
    const store = join(place, 'store');
    await bunnyDone(['mirror', '--to', 'oci:copy', '--lock', join(app, 'bunny.lock')], { cwd: place, store });
    const lock = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8'));
    const copy = `oci:${join(place, 'copy')}`;
    const libc = openTarget(`${copy}:warren/libc`);
    const version: string = lock.targets[0].components.find(
      (each: { name: string }) => each.name === 'libc',
    ).version;
    const tags = await libc.tags();
    const variants = tags.filter((each) => each.startsWith(`${version}_`));
    assert.deepEqual(tags, [version, ...variants]);
    const found = await libc.fetchManifest(version);
    const index = found && parseManifest(found.bytes, found.descriptor.mediaType, 'index');
    assert.ok(index !== undefined && isIndex(index));
    const listed = index.manifests.map(({ digest }) => digest).sort();
    const tagged = await Promise.all(variants.map(async (each) => (await libc.resolve(each))?.digest));
    assert.deepEqual(listed, tagged.sort());
    for (const { mediaType } of index.manifests) assert.equal(mediaType, manifestType);

    const subject = { mediaType: manifestType, digest: signed.digest, size: 0 };
    assert.deepEqual(
      (await libc.referrers(subject)).map(({ digest }) => digest),
      [signed.referrer],
    );
    const [referrer] = await libc.referrers(subject);
    if (referrer !== undefined) assert.equal((await readBytes(libc, referrer)).length, referrer.size);

    const searched = await bunnyDone(['search', 'libc', '--from', copy], { cwd: place, store });
    assert.match(searched.stdout, /libc/);
  });

  it('is repeated without copying, takes up what was interrupted, and keeps to the targets asked for', async () => {
    const place = await temporaryDirectory('mirror');
    const options = { cwd: app, store: join(place, 'store') };
    const registry = await startDockerRegistry();
    try {
      const words = ['mirror', '--to', `${registry.host}/copy`];
      const plan = await bunnyJson<MirrorResult>([...words, '--dry-run', '--arch', 'arm64'], options);
      const arm = plan.items.map(({ tag }) => tag);
      assert.equal(registry.requests.length, 0);

      const { child, finished } = startBunny(words, options);
      while (!registry.requests.some((each) => each.startsWith('PUT')))
        await new Promise((done) => setTimeout(done, 2));
      child.kill('SIGKILL');
      assert.equal((await finished).status, 137);

      await bunnyDone([...words, '--arch', 'arm64'], options);
      const whole = await bunnyJson<MirrorResult>(words, options);
      for (const { tag, copied, name } of whole.items) {
        if (arm.includes(tag)) assert.equal(copied, 0, name);
      }
      registry.forget();
      const again = await bunnyJson<MirrorResult>(words, options);
      assert.deepEqual(
        again.items.filter(({ copied }) => copied > 0),
        [],
      );
      const writes = registry.requests.filter((each) => !/^(?:GET|HEAD) /.test(each));
      assert.deepEqual(writes, []);
    } finally {
      await registry.stop();
    }
  });

  it('moves nothing to another namespace of the same registry', async () => {
    const place = await temporaryDirectory('mirror');
    origin.forget();
    await bunnyDone(['mirror', '--to', `${origin.host}/second`], { cwd: app, store: join(place, 'store') });
    const blobs = origin.requests.filter((each) => /\/warren\/(?:libc|tooling)\/blobs\//.test(each));
    assert.ok(blobs.some((each) => /^POST .*[?&]mount=sha256.*from=libos%2Fwarren%2Flibc/.test(each)));
    assert.deepEqual(
      blobs.filter((each) => /^(?:PATCH|PUT) /.test(each)),
      [],
    );
  });

  it('is refused where a source that is named is not there', async () => {
    const place = await temporaryDirectory('mirror');
    const words = ['mirror', '--to', 'oci:copy', '--from', 'oci:nowhere', '--lock', join(app, 'bunny.lock')];
    const error = await bunnyError(words, { cwd: place, store: join(place, 'store') });
    assert.equal(error.code, 'BUNNY_ENOTFOUND');
    assert.equal(error.message, `there is no image layout in ${join(place, 'nowhere')}`);
    const lost = join(place, 'bunny.lock');
    const lock = await readFile(join(app, 'bunny.lock'), 'utf8');
    await writeFile(lost, lock.replaceAll(`"from": "${base}"`, '"from": "oci:lost"'));
    const orphan = ['mirror', '--to', 'oci:copy', '--lock', lost];
    const second = await bunnyError(orphan, { cwd: place, store: join(place, 'store') });
    assert.equal(second.code, 'BUNNY_ENOTFOUND');
    assert.equal(second.message, `there is no image layout in ${join(place, 'lost')}`);
    assert.ok(!existsSync(join(place, 'copy')));
    assert.ok(!existsSync(join(place, 'nowhere')));
  });

  it('goes on with the next source where one delivers damaged layers, however large', async () => {
    const place = await temporaryDirectory('mirror');
    const options = { cwd: place, store: join(place, 'store') };
    const lock = ['--lock', join(app, 'bunny.lock'), ...target];
    await bunnyDone(['mirror', '--to', 'oci:damaged', ...lock], options);
    const blobs = join(place, 'damaged', 'blobs', 'sha256');
    const [{ tooling, components }] = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')).targets;
    const layers: { digest: string; size: number }[] = [tooling.rootfs[0], components[0].layer];
    assert.ok(layers.some(({ size }) => size > 1_000_000));
    for (const { digest } of layers) {
      const file = join(blobs, digest.replace('sha256:', ''));
      const bytes = await readFile(file);
      await rm(file);
      await writeFile(file, bytes.fill(0, bytes.length - 100));
    }
    for (const to of ['oci:copy', `${origin.host}/healed`]) {
      const words = ['mirror', '--from', 'oci:damaged', '--to', to];
      const { stderr } = await bunnyDone([...words, ...lock], options);
      assert.equal(stderr.match(/warning/g)?.length, 1, stderr);
      assert.match(stderr, /damaged failed: content has digest .*; continuing with /);
    }
    const copied = openTarget(`oci:${join(place, 'copy')}:warren/tooling`);
    const { digest, size } = tooling.rootfs[0];
    assert.equal((await readBytes(copied, { mediaType: '', digest, size })).length, size);
  });

  it('may be done twice at once', async () => {
    const place = await temporaryDirectory('mirror');
    const registry = await startDockerRegistry();
    try {
      const words = ['mirror', '--to', `${registry.host}/copy`];
      const stores = ['one', 'two'].map((name) => join(place, name));
      await Promise.all(stores.map((store) => bunnyDone(words, { cwd: app, store })));
      const again = await bunnyJson<MirrorResult>(words, { cwd: app, store: join(place, 'one') });
      assert.ok(again.items.every(({ copied }) => copied === 0));
      const libc = openTarget(`${registry.host}/copy/warren/libc`);
      const variants = (await libc.tags()).filter((tag) => tag.includes('_'));
      const [version = ''] = variants[0]?.split('_') ?? [];
      assert.deepEqual([...(await tagsInIndex(libc, version))].sort(), variants);
    } finally {
      await registry.stop();
    }
  });

  it('replaces nothing that is published where it copies to', async () => {
    const place = await temporaryDirectory('mirror');
    const options = { cwd: app, store: join(place, 'store') };
    const tooling = openTarget(`oci:${join(place, 'copy')}:warren/tooling`);
    const bytes = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    const other = describeBytes('application/vnd.oci.image.index.v1+json', bytes);
    await tooling.push(other, bytes);
    const lock = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8'));
    await tooling.tag(other, lock.targets[0].tooling.version);
    const error = await bunnyError(['mirror', '--to', `oci:${join(place, 'copy')}`], options);
    assert.equal(error.code, 'BUNNY_EPUBLISHED');
    assert.equal((await tooling.resolve(lock.targets[0].tooling.version))?.digest, other.digest);
  });

  it('says what is wrong with its lock or target', async () => {
    const place = await temporaryDirectory('mirror');
    const options = { cwd: place, store: join(place, 'store') };
    assert.equal((await bunnyError(['mirror', '--to', 'oci:copy'], options)).code, 'BUNNY_ENOFILE');
    const words = ['mirror', '--to', 'oci:copy', '--lock', join(app, 'bunny.lock'), '--arch', 'riscv64'];
    assert.equal((await bunnyError(words, options)).code, 'BUNNY_ETARGET');
  });

  describe('named in a Bunnyfile', () => {
    it('delivers before its registry, and stands in for it where that is down', async () => {
      const place = await temporaryDirectory('mirror');
      const { store } = await warren();
      const mirrored = await copyOfLocked();
      await bunnyDone(['mirror', '--to', 'oci:../copy'], { cwd: mirrored, store });
      await rename(join(mirrored, 'bunny.lock'), join(dirname(mirrored), 'earlier.lock'));
      await appendFile(
        join(mirrored, 'Bunnyfile'),
        `registries:\n  - ref: ${base}\n    mirrors: [oci:../copy]\n`,
      );

      origin.forget();
      await bunnyDone(['resolve'], { cwd: mirrored, store: join(place, 'one') });
      assert.ok(origin.requests.some((each) => each.includes('/tags/list')));
      const lock = await readFile(join(mirrored, 'bunny.lock'), 'utf8');
      assert.ok(lock.includes(`"from": "${base}"`));
      assert.ok(!lock.includes('oci:'));
      origin.forget();
      await bunnyDone(['build', '--frozen', ...target], { cwd: mirrored, store: join(place, 'two') });
      assert.equal(origin.requests.length, 0);

      await origin.stop();
      try {
        const { stderr } = await bunnyDone(['resolve'], { cwd: mirrored, store: join(place, 'three') });
        assert.ok(!stderr.includes('warning'), stderr);
        await rename(join(mirrored, 'bunny.lock'), join(place, 'bunny.lock'));
        const anew = await bunny(['resolve'], { cwd: mirrored, store: join(place, 'three') });
        assert.equal(anew.status, 0, anew.stderr);
        assert.equal(anew.stderr.match(/warning/g)?.length, 1, anew.stderr);
        assert.match(anew.stderr, /nothing listens there; continuing with oci:\.\.\/copy/);
        assert.equal(await readFile(join(mirrored, 'bunny.lock'), 'utf8'), lock);
      } finally {
        await origin.start();
      }
    });
  });
});
