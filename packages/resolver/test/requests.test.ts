import assert from 'node:assert/strict';
import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { type CountingRegistry, startCountingRegistry } from 'bunny-libos-testing/registries/counting.js';
import { closure, Project } from './project.js';

describe('the requests that resolving takes', () => {
  let registry: CountingRegistry;
  let base: string;

  before(async function () {
    this.timeout(60_000);
    const directory = await temporaryDirectory('resolver');
    const publisher = new Publisher(`oci:${directory}`);
    await publisher.tooling('1.0.0', {
      capabilities: { alloc: { default: 'buddy', providers: ['buddy', 'bump'] } },
    });
    for (const version of ['1.0.0', '1.1.0', '1.2.0', '2.0.0']) {
      await publisher.component('libc', version);
      await publisher.component('net', version, {
        dependencies: { libc: '^1.0', alloc: '^1.0' },
        options: [{ ipv6: false }, { ipv6: true }],
      });
      await publisher.component('http', version, { dependencies: { net: '^1.0', libc: '^1.0' } });
    }
    await publisher.component('old', '1.0.0', { dependencies: { libc: '~1.0.0' } });
    await publisher.component('buddy', '1.0.0', {
      provides: { alloc: '1.0.0' },
      dependencies: { libc: '*' },
    });
    await publisher.component('bump', '1.0.0', { provides: { alloc: '1.0.0' } });
    await publisher.component('lonely', '1.0.0', { dependencies: { libc: '^1.0' } });
    registry = await startCountingRegistry(directory);
    base = `${registry.host}`;
  });

  after(() => registry.close());

  function asked(kind: string): string[] {
    return registry.requests
      .filter((request) => request.startsWith(kind) && !request.includes('/tooling'))
      .map((request) => request.replace(`${framework}/`, ''))
      .sort();
  }

  function indexes(): string[] {
    return asked('manifest').filter((request) => /\d$/.test(request) && !request.includes('sha256:'));
  }

  it('are one for tags and one for the index of each version that could be chosen', async () => {
    const project = await Project.make(base);
    registry.requests.length = 0;
    const resolution = await project.resolve('dependencies: { http: ^1.0 }');
    assert.deepEqual(closure(resolution), ['buddy 1.0.0', 'http 1.2.0', 'libc 1.2.0', 'net 1.2.0']);
    assert.deepEqual(asked('tags'), ['tags buddy', 'tags http', 'tags libc', 'tags net']);
    assert.deepEqual(indexes(), [
      'manifest buddy 1.0.0',
      'manifest http 1.2.0',
      'manifest libc 1.2.0',
      // What the default allocator would take by itself.
      'manifest libc 2.0.0',
      'manifest net 1.2.0',
    ]);
    const verified = asked('manifest').filter((request) => request.includes('sha256:'));
    assert.equal(verified.length, 4);
  });

  it('are made ahead of need: while one answer is awaited, what another led to is asked for', async () => {
    const project = await Project.make(base);
    // http is decided on before lonely, by name; libc is known of through lonely alone as long as http is not there.
    registry.hold(`manifest ${framework}/http 1.2.0`, `tags ${framework}/libc`);
    const resolution = await project.resolve('dependencies: { http: ^1.0, lonely: ^1.0 }');
    assert.ok(closure(resolution).includes('http 1.2.0'));
  });

  it('are none for the same again, and only lists of tags where the lock is gone', async () => {
    const project = await Project.make(base);
    const first = await project.resolve('dependencies: { http: ^1.0 }');
    registry.requests.length = 0;
    assert.equal((await project.resolve('dependencies: { http: ^1.0 }')).changed, false);
    assert.deepEqual(registry.requests, []);
    const again = await project.resolve('dependencies: { http: ^1.0 }', { previous: undefined });
    assert.deepEqual(again.lock, first.lock);
    assert.deepEqual(asked('tags'), ['tags buddy', 'tags http', 'tags libc', 'tags net']);
    assert.deepEqual(asked('manifest'), []);
  });

  it('are no more for two targets that choose the same', async () => {
    const project = await Project.make(base);
    registry.requests.length = 0;
    const { wanted } = await project.resolve('dependencies: { http: ^1.0 }', { filter: {} });
    assert.equal(wanted.length, 2);
    const asked = registry.requests.filter((request) => !request.includes('/tooling'));
    assert.equal(new Set(asked).size, asked.length);
  });

  it('are only those of what is added to a lock', async () => {
    const project = await Project.make(base);
    const before = await project.resolve('dependencies: { http: ~1.1.0 }');
    registry.requests.length = 0;
    const after = await project.resolve('dependencies: { http: ^1.0, lonely: "*" }');
    assert.deepEqual(closure(after), [...closure(before), 'lonely 1.0.0'].sort());
    assert.deepEqual(asked('tags'), ['tags lonely']);
    assert.deepEqual(indexes(), ['manifest lonely 1.0.0']);
  });

  it('look further where the first choices do not go together', async () => {
    const project = await Project.make(base);
    const resolution = await project.resolve('dependencies: { http: "*", old: "*" }');
    assert.deepEqual(closure(resolution), [
      'buddy 1.0.0',
      'http 2.0.0',
      'libc 1.0.0',
      'net 1.2.0',
      'old 1.0.0',
    ]);
  });

  it('answer the same from the cache alone', async () => {
    const project = await Project.make(base);
    const online = await project.resolve('dependencies: { http: "*", old: "*" }');
    registry.requests.length = 0;
    const lines = 'dependencies: { http: "*", old: "*", libc: "*" }';
    const offline = await project.resolve(lines, { offline: true, previous: online.lock });
    assert.deepEqual(registry.requests, []);
    assert.deepEqual(closure(offline), closure(online));
    const other = await Project.make(base);
    other.store = join(other.directory, 'empty');
    const refusal = await other.refused('BUNNY_EOFFLINE', 'dependencies: { http: "*" }', { offline: true });
    assert.match(refusal.hint ?? '', /without --offline/);
  });
});
