import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock } from 'bunny-libos-spec';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos } from 'bunny-libos-testing/frameworks/tiny.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

describe('several registries', function () {
  this.timeout(120_000);
  let company: DockerRegistry;
  let open: DockerRegistry;
  /** Base references. */
  let first: string;
  let second: string;
  let sources: string;
  let store: string;
  /** The app's directory. */
  let app: string;

  /** Publishes a component of one prebuilt object. */
  async function publish(to: string, name: string, version: string, dependencies = '{}'): Promise<void> {
    const place = join(await temporaryDirectory('component'), name);
    await writeFiles(place, {
      'component.yaml': [
        'framework: tiny',
        `name: ${name}`,
        `version: ${version}`,
        `dependencies: ${dependencies}`,
        'affectedBy: [arch]',
        'objects: [one.o]',
        'matrix: { arch: [amd64] }',
        '',
      ].join('\n'),
    });
    await copyFile(join(sources, 'amd64.o'), join(place, 'one.o'));
    await bunnyDone(['publish', place, '--to', to], { store });
  }

  const resolve = () => bunnyJson<{ changed: boolean }>(['resolve'], { cwd: app, store });

  /** `name version base`, as the lock states it. */
  async function locked(): Promise<string[]> {
    const { targets } = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as Lock;
    assert.equal(targets.length, 1);
    return (targets[0]?.components ?? []).map(({ name, version, from }) => `${name} ${version} ${from}`);
  }

  before(async () => {
    [company, open] = await Promise.all([startDockerRegistry(), startDockerRegistry()]);
    [first, second] = [`${company.host}/company`, `${open.host}/open`];
    sources = await temporaryDirectory('tiny');
    store = join(await temporaryDirectory('store'), 'store');
    await writeTinyLibos(sources);
    for (const to of [first, second])
      await bunnyDone(['publish', join(sources, 'tooling'), '--to', to], { store });
    await publish(first, 'core', '1.0.0');
    await publish(second, 'core', '1.9.0');
    await publish(second, 'extra', '1.0.0', '{ core: ^1.0 }');
  });
  after(() => Promise.all([company.stop(), open.stop()]));

  beforeEach(async () => {
    app = await temporaryDirectory('app');
    await writeFiles(app, {
      Bunnyfile: [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny, monitor: linuxu, architecture: amd64 }',
        `registries: [${first}, ${second}]`,
        'dependencies: { core: ^1.0, extra: ^1.0 }',
        '',
      ].join('\n'),
    });
  });

  it('are asked in order: a name is taken whole from the first that has it, and the lock says which', async () => {
    open.forget();
    await resolve();
    assert.deepEqual(await locked(), [`core 1.0.0 ${first}`, `extra 1.0.0 ${second}`]);
    const { targets } = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as Lock;
    assert.equal(targets[0]?.tooling.from, first);
    // What the first has, the second is not even asked for.
    assert.deepEqual(
      open.requests.filter((request) => request.includes('/core/')),
      [],
    );

    await edit(join(app, 'Bunnyfile'), `[${first}, ${second}]`, `[${second}, ${first}]`);
    await rm(join(app, 'bunny.lock'));
    await resolve();
    assert.deepEqual(await locked(), [`core 1.9.0 ${second}`, `extra 1.0.0 ${second}`]);
  });

  it('cannot take over a name that the lock binds, neither an earlier one nor by newer versions', async () => {
    await publish(second, 'tool', '1.0.0');
    await edit(join(app, 'Bunnyfile'), 'extra: ^1.0', 'tool: ^1.0');
    await resolve();
    const bound = [`core 1.0.0 ${first}`, `tool 1.0.0 ${second}`];
    assert.deepEqual(await locked(), bound);

    await publish(first, 'tool', '1.5.0');
    await publish(second, 'core', '1.9.9');
    await bunnyDone(['update'], { cwd: app, store });
    assert.deepEqual(await locked(), bound);
    await bunnyDone(['update', 'tool', 'core'], { cwd: app, store });
    assert.deepEqual(await locked(), bound);
    // Another order is another request; the names stay where they are.
    await edit(join(app, 'Bunnyfile'), `[${first}, ${second}]`, `[${second}, ${first}]`);
    assert.equal((await resolve()).changed, true);
    assert.deepEqual(await locked(), bound);

    await publish(second, 'tool', '1.1.0');
    await bunnyDone(['update', 'tool'], { cwd: app, store });
    assert.deepEqual(await locked(), [`core 1.0.0 ${first}`, `tool 1.1.0 ${second}`]);
  });

  it('stops where the registry that a name is bound to is left out and another one has the name', async () => {
    await resolve();
    const text = await readFile(join(app, 'bunny.lock'), 'utf8');
    const refusal = await bunnyError(['update', '--from', second], { cwd: app, store });
    assert.equal(refusal.code, 'BUNNY_EBINDING');
    assert.equal(refusal.status, 1);
    assert.ok(refusal.message.includes(` to ${first}, which is not among the registries`), refusal.message);
    assert.ok(refusal.message.includes(`${second} has another of this name`), refusal.message);
    assert.match(refusal.hint ?? '', /remove bunny\.lock/);
    assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), text);

    // Edited by hand: the other registry does not have what the lock pins.
    await writeFile(join(app, 'bunny.lock'), text.replaceAll(first, second));
    const fresh = join(await temporaryDirectory('store'), 'fresh');
    const edited = await bunnyError(['resolve', '--from', second], { cwd: app, store: fresh });
    assert.equal(edited.code, 'BUNNY_ELOCKED');
    assert.match(edited.message, /pins a manifest of core 1\.0\.0 that is not on/);
  });

  it('does not ask a later one in place of one that does not answer', async () => {
    await resolve();
    await company.stop();
    try {
      await rm(join(app, 'bunny.lock'));
      open.forget();
      const failure = await bunnyError(['resolve'], { cwd: app, store });
      assert.equal(failure.status, 3);
      assert.ok(JSON.stringify(failure).includes(company.host), failure.message);
      assert.deepEqual(open.requests, []);
    } finally {
      await company.start();
    }
  });
});
