import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTarget, Pool, packManifest } from 'bunny-libos-oci';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { copyOfApp, freshStore, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { startCraneRegistry } from 'bunny-libos-testing/registries/crane.js';

describe("go-containerregistry's registry", function () {
  this.timeout(120_000);
  let registry: { host: string; stop(): Promise<void> };
  /** Base reference that warren was mirrored to. */
  let base: string;
  /** An app whose lock names the registry. */
  let app: string;
  const target = ['--arch', 'amd64', '--platform', 'linuxu'];
  const image = (directory: string) => readFile(join(directory, 'build', 'hello-amd64-linuxu'));

  before(async function () {
    this.timeout(warrenTimeout + 120_000);
    const origin = await warren();
    registry = await startCraneRegistry();
    base = `${registry.host}/libos`;
    app = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', origin.registry], { cwd: app, store: origin.store });
    await bunnyDone(['mirror', '--to', base], { cwd: app, store: origin.store });
  });
  after(() => registry.stop());

  it('is published to, and the same again is nothing to do', async () => {
    const sources = await temporaryDirectory('tiny');
    const store = await freshStore();
    await writeTinyLibos(sources);
    const one = await writeTinyVersion(sources, '1.0.0');
    const to = `${registry.host}/published`;
    await bunnyDone(['publish', join(sources, 'tooling'), one, '--to', to], { store });
    const again = await bunnyDone(['publish', join(sources, 'tooling'), one, '--to', to], { store });
    assert.match(again.stderr, /0 variants|already|nothing/i);
    const found = await bunnyJson<{ components?: unknown[] }>(
      ['search', 'one', '--from', to, '--framework', 'tiny'],
      { store },
    );
    assert.match(JSON.stringify(found), /one/);
  });

  it('gives what is resolved and built from it, to the same image', async () => {
    const origin = await warren();
    const local = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', origin.registry], { cwd: local, store: origin.store });
    await bunnyDone(['build', ...target], { cwd: local, store: origin.store });
    const store = await freshStore();
    const remote = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', base], { cwd: remote, store });
    await bunnyDone(['build', '--frozen', ...target], { cwd: remote, store });
    assert.ok((await image(remote)).equals(await image(local)));
    app = remote;
  });

  it('gives the same lock with more than a thousand tags before the right one', async () => {
    const libc = openTarget(`${base}/warren/libc`);
    const tags = await libc.tags();
    const manifest = await libc.resolve(tags.find((tag) => tag.includes('_')) ?? '');
    assert.ok(manifest !== undefined);
    const pool = new Pool(16);
    const others = Array.from({ length: 1100 }, (_, i) => `0-${i}`);
    await Promise.all(others.map((tag) => pool.run(() => libc.tag(manifest, tag))));
    const again = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', base], { cwd: again, store: await freshStore() });
    const [lock, wanted] = await Promise.all(
      [again, app].map((each) => readFile(join(each, 'bunny.lock'), 'utf8')),
    );
    assert.equal(lock, wanted);
  });

  it('keeps what refers to an artifact under its fallback tag, from which it is mirrored', async () => {
    const libc = openTarget(`${base}/warren/libc`);
    const { targets } = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8'));
    const { digest } = targets[0].components.find((each: { name: string }) => each.name === 'libc');
    const subject = await libc.resolve(digest);
    assert.ok(subject !== undefined);
    const { mediaType, size } = subject;
    const artifactType = 'application/vnd.example.note';
    const referrer = await packManifest(libc, { artifactType, subject: { mediaType, digest, size } });
    const signature = await packManifest(libc, { artifactType });
    const signatureTag = `${digest.replace(':', '-')}.sig`;
    await libc.tag(signature, signatureTag);

    const place = await temporaryDirectory('mirror');
    const to = `oci:${join(place, 'copy')}`;
    await bunnyDone(['mirror', '--to', to], { cwd: app, store: await freshStore() });
    const copy = openTarget(`${to}:warren/libc`);
    assert.deepEqual(
      (await copy.referrers(subject)).map((each) => each.digest),
      [referrer.digest],
    );
    assert.equal((await copy.resolve(signatureTag))?.digest, signature.digest);
  });

  it('is not pushed to where the index of a version could not be read again', async () => {
    const sources = await temporaryDirectory('tiny');
    const store = await freshStore();
    await writeTinyLibos(sources);
    await bunnyDone(['publish', join(sources, 'tooling'), '--to', `${registry.host}/large`], { store });
    await writeFiles(join(sources, 'many'), {
      'component.yaml': [
        'framework: tiny',
        'name: many',
        'version: 1.0.0',
        'options: { n: { type: integer, default: 0 } }',
        'affectedBy: [arch]',
        'objects: [one.o]',
        `matrix: { arch: [amd64], options: [${Array.from({ length: 6000 }, (_, n) => `{ n: ${n} }`).join(', ')}] }`,
        '',
      ].join('\n'),
    });
    await writeFile(join(sources, 'many', 'one.o'), await readFile(join(sources, 'amd64.o')));
    for (const more of [['--dry-run'], []]) {
      const refused = await bunnyError(
        ['publish', join(sources, 'many'), '--to', `${registry.host}/large`, ...more],
        { store },
      );
      assert.equal(refused.code, 'BUNNY_ELIMIT');
      assert.match(refused.message, /the index of many 1\.0\.0 takes \d+ bytes for 6000 variants/);
    }
    assert.deepEqual(await openTarget(`${registry.host}/large/tiny/many`).tags(), []);
  });
});
