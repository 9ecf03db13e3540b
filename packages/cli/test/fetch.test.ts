import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  type Warren,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

interface FetchedLayers {
  targets: string[];
  artifacts: { name: string; version: string }[];
  fetched: number;
  bytes: number;
}

describe('bunny fetch', function () {
  this.timeout(120_000);
  let published: Warren;
  let registry: DockerRegistry;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
    registry = await startDockerRegistry();
    const words = ['publish', warrenSources, '--allow-commands', '--to', `${registry.host}/libos`];
    await bunnyDone(words, { store: published.store, env: process.env });
    app = await copyOfApp('hello');
    await bunnyDone(['resolve', '--from', `${registry.host}/libos`], { cwd: app, store: published.store });
  });

  after(async () => {
    await registry.stop();
  });

  const emptyStore = async () => join(await temporaryDirectory('store'), 'store');

  it('brings all that the lock pins, and then the registry is needed no more', async () => {
    const options = { cwd: app, store: await emptyStore() };
    const before = await readFile(join(app, 'bunny.lock'), 'utf8');
    const { targets, artifacts, fetched, bytes } = await bunnyJson<FetchedLayers>(['fetch'], options);
    assert.deepEqual(targets, ['amd64/linuxu', 'amd64/qemu', 'arm64/qemu']);
    assert.equal(artifacts.filter(({ name }) => name === 'tooling').length, 1);
    assert.ok(fetched >= artifacts.length && bytes > 10_000_000, `${fetched} layers, ${bytes} bytes`);
    registry.forget();
    const again = await bunnyDone(['fetch'], options);
    assert.match(
      again.stderr,
      /Fetched nothing: everything is in the store, \d+ artifacts for 3 targets in /,
    );
    assert.equal(again.stdout, '');
    assert.deepEqual(registry.requests, []);
    assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), before);
    await registry.stop();
    for (const target of targets) {
      const [arch = '', platform = ''] = target.split('/');
      await bunnyDone(['build', '--offline', '--frozen', '--arch', arch, '--platform', platform], options);
    }
    const { stdout } = await bunnyDone(['run', '--offline', '--platform', 'linuxu'], options);
    assert.match(stdout, /hello/i);
    await registry.start();
  });

  it('brings what the named targets need, and no more', async () => {
    const options = { cwd: app, store: await emptyStore() };
    const words = ['fetch', '--platform', 'linuxu', '--arch', 'x86_64'];
    const { targets, artifacts } = await bunnyJson<FetchedLayers>(words, options);
    assert.deepEqual(targets, ['amd64/linuxu']);
    assert.ok(!artifacts.some(({ name }) => name === 'plat-qemu'));
    await bunnyDone(['build', '--offline', '--platform', 'linuxu'], options);
    const { code } = await bunnyError(['build', '--offline', '--arch', 'arm64'], options);
    assert.equal(code, 'BUNNY_EOFFLINE');
    const none = await bunnyError(['fetch', '--arch', 'riscv64'], options);
    assert.deepEqual([none.code, none.message], ['BUNNY_ETARGET', 'bunny.lock has no target riscv64/any']);
    assert.match(none.hint ?? '', /^it has amd64\/linuxu, amd64\/qemu, arm64\/qemu; `bunny resolve`/);
  });

  it('takes the lock as it is: one that is missing or stale is an error, and nothing is written', async () => {
    const other = await copyOfApp('hello');
    const options = { cwd: other, store: await emptyStore(), env: { BUNNY_REGISTRY: published.registry } };
    const missing = await bunnyError(['fetch'], options);
    assert.deepEqual([missing.code, missing.message], ['BUNNY_EFROZEN', 'there is no bunny.lock']);
    assert.match(missing.hint ?? '', /run `bunny resolve`/);
    await bunnyDone(['resolve'], { ...options, store: published.store });
    await edit(join(other, 'Bunnyfile'), 'libc: ^1.0', 'libc: ">=1"');
    const { status, stderr } = await bunny(['fetch'], options);
    assert.equal(status, 1);
    assert.match(stderr, /an earlier state of this one, and `bunny fetch` forbids changing it/);
    assert.deepEqual((await readdir(other)).sort(), ['Bunnyfile', 'bunny.lock', 'src']);
  });
});
