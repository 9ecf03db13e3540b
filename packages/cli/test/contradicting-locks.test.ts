import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock, LockedComponent } from 'bunny-libos-spec';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenSources, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What somebody may write into a lock that still has the form of one, by how it lies. */
const lies: Record<string, (lock: Lock, of: (name: string) => Writable<LockedComponent>) => void> = {
  'another version': (_, of) => {
    of('libc').version = '1.99.0';
  },
  'swapped layers': (_, of) => {
    const [one, other] = [of('libc'), of('console')];
    [one.layer, other.layer] = [other.layer, one.layer];
  },
  'swapped manifests': (_, of) => {
    const [one, other] = [of('libc'), of('console')];
    [one.digest, other.digest, one.size, other.size] = [other.digest, one.digest, other.size, one.size];
  },
  'another layer hash': (_, of) => {
    of('libc').layerHash = `sha256:${'0'.repeat(64)}`;
  },
  'other options': (_, of) => {
    of('libc').options = { ...of('libc').options, made: 'up' };
  },
  'another size of a manifest': (_, of) => {
    of('libc').size += 1;
  },
  'another size of a layer': (_, of) => {
    of('libc').layer = { ...of('libc').layer, size: of('libc').layer.size + 1 };
  },
  'other dependencies': (_, of) => {
    of('libc').dependencies = ['args'];
  },
  'a component less': ({ targets }) => {
    const [{ components }] = targets as unknown as [{ components: LockedComponent[] }];
    const at = components.findIndex(({ name }) => name === 'args');
    components.splice(at, 1);
    for (const each of components as Writable<LockedComponent>[]) {
      each.dependencies = each.dependencies.filter((name) => name !== 'args');
    }
  },
  'another version of the tooling layer': ({ targets }) => {
    for (const { tooling } of targets) (tooling as Writable<typeof tooling>).version = '9.9.9';
  },
};

describe('a lock that contradicts what it pins', function () {
  this.timeout(120_000);
  let registry: DockerRegistry;
  let app: string;
  let honest: string;
  /** Knows the honest lock. */
  let store: string;
  const target = ['--arch', 'amd64', '--platform', 'linuxu'];

  before(async function () {
    this.timeout(warrenTimeout);
    const published = await warren();
    registry = await startDockerRegistry();
    const words = ['publish', warrenSources, '--allow-commands', '--to', `${registry.host}/libos`];
    await bunnyDone(words, { store: published.store, env: process.env });
    app = await copyOfApp('hello');
    store = await temporaryDirectory('store');
    await bunnyDone(['resolve', '--from', `${registry.host}/libos`], { cwd: app, store });
    await bunnyDone(['build', '--frozen', ...target], { cwd: app, store });
    honest = await readFile(join(app, 'bunny.lock'), 'utf8');
  });

  after(async () => {
    await registry.stop();
  });

  const write = async (lie: (typeof lies)[string]) => {
    const lock = JSON.parse(honest) as Lock;
    lie(lock, (name) => {
      const found = lock.targets[0]?.components.find((each) => each.name === name);
      assert.ok(found !== undefined, name);
      return found;
    });
    await writeFile(join(app, 'bunny.lock'), JSON.stringify(lock));
  };

  for (const [what, lie] of Object.entries(lies)) {
    it(`is refused: ${what}`, async () => {
      await write(lie);
      const fresh = await temporaryDirectory('store');
      const record = join(app, 'build/hello-amd64-linuxu.record.json');
      const before = await readFile(record, 'utf8').catch(() => '');
      for (const words of [['build'], ['build', '--offline'], ['build', '--dry-run'], ['run'], ['fetch']]) {
        const places = words.includes('--offline') ? [store] : [store, fresh];
        for (const place of places) {
          const error = await bunnyError([...words, ...target], { cwd: app, store: place });
          const told = `${words.join(' ')}: ${error.stderr}`;
          // Without a network it may be that nobody can tell.
          const refusals = words.includes('--offline')
            ? ['BUNNY_ELOCKED', 'BUNNY_EOFFLINE']
            : ['BUNNY_ELOCKED'];
          assert.ok(refusals.includes(error.code), told);
          assert.match(error.hint ?? '', /bunny\.lock|bunny update|bunny fetch/);
        }
      }
      assert.equal(await readFile(record, 'utf8').catch(() => ''), before);
    });
  }

  it('is compared without a network by what was read in another repository', async () => {
    await writeFile(join(app, 'bunny.lock'), honest);
    await bunnyDone(['build', '--frozen', ...target], { cwd: app, store });
    const lock = JSON.parse(honest) as Lock;
    const from = 'localhost:1/mirror';
    const elsewhere = {
      ...lock,
      targets: lock.targets.map((each) => ({
        ...each,
        tooling: { ...each.tooling, from },
        components: each.components.map((component) => ({ ...component, from })),
      })),
    };
    await writeFile(join(app, 'bunny.lock'), JSON.stringify(elsewhere));
    const online = await bunnyError(['build', ...target], {
      cwd: app,
      store: await temporaryDirectory('store'),
    });
    assert.equal(online.status, 3, 'nobody is there');
    await bunnyDone(['build', '--offline', ...target], { cwd: app, store });
  });

  it('is compared once: what the store knows takes no request', async () => {
    await writeFile(join(app, 'bunny.lock'), honest);
    const fresh = await temporaryDirectory('store');
    registry.forget();
    await bunnyDone(['build', '--frozen', ...target], { cwd: app, store: fresh });
    const manifests = registry.requests.filter((request) => /\/manifests\/sha256/.test(request));
    const pinned = (JSON.parse(honest) as Lock).targets[0]?.components.length ?? 0;
    assert.equal(manifests.length, pinned + 1, manifests.join('\n'));
    assert.equal(new Set(manifests).size, manifests.length);
    registry.forget();
    for (const words of [['build'], ['run'], ['fetch']]) {
      await bunnyDone([...words, ...target], { cwd: app, store: fresh });
    }
    assert.deepEqual(registry.requests, []);
    // Nor does what was resolved on this machine.
    await bunnyDone(['build', ...target], { cwd: app, store });
    assert.deepEqual(registry.requests, []);
  });
});
