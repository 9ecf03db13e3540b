import assert from 'node:assert/strict';
import { yank } from 'bunny-libos-namespace';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { startCountingRegistry } from 'bunny-libos-testing/registries/counting.js';
import type { ResolveOptions } from '../src/solve/resolve-options.js';
import { closure, Project } from './project.js';

/** `a 2.0.0`: the ranges of what it needs. */
type Universe = Readonly<Record<string, Readonly<Record<string, string>>>>;

describe('what moves in a lock', () => {
  let directory: string;
  let publisher: Publisher;
  let project: Project;

  beforeEach(async () => {
    directory = await temporaryDirectory('resolver');
    publisher = new Publisher(`oci:${directory}`);
    project = await Project.make(publisher.base);
    await publisher.tooling();
  });

  async function publish(universe: Universe): Promise<void> {
    for (const [key, dependencies] of Object.entries(universe)) {
      const [name = '', version = ''] = key.split(' ');
      await publisher.component(name, version, { dependencies });
    }
  }

  const asked = (...names: string[]) => `dependencies: { ${names.map((name) => `${name}: "*"`).join(', ')} }`;

  /** Locks just these versions. */
  async function lock(names: readonly string[], ...versions: string[]): Promise<void> {
    const pinned = versions.map((each) => `${each.replace(' ', ': "=')}"`).join(', ');
    const { lock } = await project.resolve(`dependencies: { ${pinned} }`);
    await project.resolve(asked(...names), { previous: { ...lock, request: '' } });
    assert.deepEqual(closure(await project.resolve(asked(...names))), versions);
  }

  async function update(
    names: readonly string[],
    renewed: readonly string[],
    options: Partial<ResolveOptions> = {},
  ): Promise<string[]> {
    return closure(await project.resolve(asked(...names), { renew: new Set(renewed), ...options }));
  }

  // The same with other names: by the alphabet either comes first.
  for (const [a, z] of [
    ['a', 'z'],
    ['z', 'a'],
  ] as const) {
    describe(`where ${a} and ${z} need different versions of a third`, () => {
      const names = [a, z];
      const sorted = (...members: string[]) => members.sort();

      beforeEach(async () => {
        await publish({
          'j 1.0.0': {},
          'j 2.0.0': {},
          'j 3.0.0': {},
          [`${a} 1.0.0`]: { j: '*' },
          [`${a} 2.0.0`]: { j: '^2' },
          [`${z} 1.0.0`]: { j: '*' },
          [`${z} 2.0.0`]: { j: '^3' },
        });
      });

      it('moves nothing where that would make older what is asked for directly, and all of it where that may be', async () => {
        const before = sorted(`${a} 1.0.0`, 'j 3.0.0', `${z} 2.0.0`);
        await lock(names, ...before);
        assert.deepEqual(await update(names, [a]), before);
        assert.deepEqual(
          await update(names, [a], { allowDowngrade: true }),
          sorted(`${a} 2.0.0`, 'j 2.0.0', `${z} 1.0.0`),
        );
      });

      it('takes the first of those that are named for the most important', async () => {
        const options = { allowDowngrade: true };
        await lock(names, ...sorted(`${a} 1.0.0`, 'j 1.0.0', `${z} 1.0.0`));
        const { lock: before } = await project.resolve(asked(...names));
        const renewed = (...order: string[]) => update(names, order, { ...options, previous: before });
        assert.deepEqual(await renewed(a, z), sorted(`${a} 2.0.0`, 'j 2.0.0', `${z} 1.0.0`));
        assert.deepEqual(await renewed(z, a), sorted(`${a} 1.0.0`, 'j 3.0.0', `${z} 2.0.0`));
      });
    });
  }

  it('adds the newest version with which every pin stays, whatever it is called', async () => {
    await publish({
      'm 1.0.0': {},
      'm 2.0.0': {},
      'a 1.0.0': {},
      'a 2.0.0': { m: '^2' },
      'z 1.0.0': {},
      'z 2.0.0': { m: '^2' },
    });
    await lock(['m'], 'm 1.0.0');
    const { lock: before } = await project.resolve(asked('m'));
    for (const name of ['a', 'z']) {
      const added = closure(await project.resolve(asked('m', name), { previous: before }));
      assert.deepEqual(added, [`${name} 1.0.0`, 'm 1.0.0'].sort());
    }
  });

  it('adds, where some pin has to move, the newest version with the fewest moves', async () => {
    await publish({
      'm 1.0.0': {},
      'm 2.0.0': {},
      'n 1.0.0': {},
      'n 2.0.0': {},
      'a 1.0.0': { m: '^2' },
      'a 2.0.0': { m: '^2' },
      'a 3.0.0': { m: '^2', n: '^2' },
    });
    await lock(['m', 'n'], 'm 1.0.0', 'n 1.0.0');
    const added = await project.resolve(asked('a', 'm', 'n'));
    assert.deepEqual(closure(added), ['a 2.0.0', 'm 2.0.0', 'n 1.0.0']);
  });

  it('adds what is older rather than make older what is asked for directly', async () => {
    await publish({
      'm 1.0.0': {},
      'm 2.0.0': {},
      'a 1.0.0': { m: '*' },
      'a 2.0.0': { m: '^1' },
      'b 1.0.0': { m: '^1' },
    });
    await lock(['m'], 'm 2.0.0');
    const { lock: before } = await project.resolve(asked('m'));
    assert.deepEqual(closure(await project.resolve(asked('a', 'm'), { previous: before })), [
      'a 1.0.0',
      'm 2.0.0',
    ]);
    // It is the only way to have b.
    assert.deepEqual(closure(await project.resolve(asked('b', 'm'), { previous: before })), [
      'b 1.0.0',
      'm 1.0.0',
    ]);
  });

  it('moves as few as possible, of these what nobody asks for directly, of these up rather than down', async () => {
    await publish({
      'i 1.0.0': {},
      'i 2.0.0': {},
      'i 3.0.0': {},
      'j 1.0.0': {},
      'j 2.0.0': {},
      'j 3.0.0': {},
      'x 1.0.0': {},
      'x 2.0.0': {},
      'k 1.0.0': { i: '>2' },
      'k 2.0.0': { x: '>1' },
      'k 3.0.0': { j: '<2' },
      'k 4.0.0': { i: '>2', j: '>2' },
      'a 1.0.0': { i: '*', j: '*' },
      'a 2.0.0': { i: '*', j: '*', k: '*' },
    });
    await lock(['a', 'x'], 'a 1.0.0', 'i 2.0.0', 'j 2.0.0', 'x 1.0.0');
    const updated = await update(['a', 'x'], ['a']);
    assert.deepEqual(updated, ['a 2.0.0', 'i 3.0.0', 'j 2.0.0', 'k 1.0.0', 'x 1.0.0']);
  });

  it('updates what others need, and moves those that need it where that takes it further', async () => {
    await publish({
      'c 1.0.0': {},
      'c 2.0.0': {},
      'c 3.0.0': {},
      'd 1.0.0': { c: '^1' },
      'd 2.0.0': { c: '^2' },
      // It would be the newest, and c would not be there any more.
      'd 3.0.0': {},
    });
    await lock(['d'], 'c 1.0.0', 'd 1.0.0');
    assert.deepEqual(await update(['d'], ['c']), ['c 2.0.0', 'd 2.0.0']);
  });

  it('lets no provider take the place of another to spare a move', async () => {
    const publishProvider = (name: string, version: string) =>
      publisher.component(name, version, { provides: { alloc: version } });
    await publisher.tooling('1.1.0', {
      capabilities: { alloc: { default: 'buddy', providers: ['buddy', 'bump'] } },
    });
    await publish({ 'a 1.0.0': { alloc: '*' }, 'a 2.0.0': { alloc: '^2' } });
    await publishProvider('buddy', '1.0.0');
    await publishProvider('bump', '2.0.0');
    await lock(['a', 'buddy'], 'a 1.0.0', 'buddy 1.0.0');
    await project.resolve(asked('a'));
    await publishProvider('buddy', '2.0.0');
    assert.deepEqual(await update(['a'], ['a']), ['a 2.0.0', 'buddy 2.0.0']);
  });

  it('takes a yanked version from those who update it, and from nobody else', async () => {
    await publish({ 'j 1.0.0': {}, 'j 2.0.0': {}, 'a 1.0.0': { j: '*' }, 'a 2.0.0': { j: '*' } });
    await lock(['a', 'j'], 'a 1.0.0', 'j 2.0.0');
    await yank(publisher.repository('j'), '2.0.0', true);
    assert.deepEqual(await update(['a', 'j'], ['a']), ['a 2.0.0', 'j 2.0.0']);
    assert.deepEqual(await update(['a', 'j'], ['j']), ['a 2.0.0', 'j 1.0.0']);
  });

  it('is judged for each target by itself, and told for those that it is so for', async () => {
    await publish({ 'a 1.0.0': { j: '*' }, 'a 2.0.0': { j: '^2' } });
    await publisher.component('j', '1.0.0');
    const lines = `${asked('a')}\ntargets: [amd64/qemu, arm64/qemu]`;
    await project.resolve(lines, { filter: {} });
    await publisher.component('j', '2.0.0', { settings: [{ arch: 'amd64' }] });
    const updated = await project.resolve(lines, { filter: {}, renew: new Set(['a']) });
    assert.deepEqual(
      updated.lock.targets.map(({ components }) =>
        components.map(({ name, version }) => `${name} ${version}`),
      ),
      [
        ['a 2.0.0', 'j 2.0.0'],
        ['a 1.0.0', 'j 1.0.0'],
      ],
    );
    assert.deepEqual(updated.held, [
      {
        name: 'a',
        version: '1.0.0',
        newest: '2.0.0',
        because: ['a 2.0.0 needs j ^2', 'j is 1.0.0'],
        far: true,
        targets: ['arm64/qemu'],
      },
    ]);
  });

  it('is not held back by anybody where the lowest versions are asked for', async () => {
    await publish({ 'a 1.0.0': {}, 'a 2.0.0': {} });
    const resolved = await project.resolve(asked('a'), { strategy: 'lowest' });
    assert.deepEqual([closure(resolved), resolved.held], [['a 1.0.0'], []]);
  });

  it('is explained by what was read anyway', async () => {
    await publish({
      'alpha 1.0.0': {},
      'alpha 1.1.0': { zeta: '~0.1' },
      'zeta 0.1.0': {},
      'zeta 5.0.0': {},
      'zeta 4.0.0': {},
    });
    const registry = await startCountingRegistry(directory);
    try {
      project.bases = [registry.host];
      const resolved = await project.resolve(asked('alpha', 'zeta'));
      assert.deepEqual(
        resolved.held.map(({ name, newest, because }) => [name, newest, because]),
        [['zeta', '5.0.0', ['alpha 1.1.0 needs zeta ~0.1']]],
      );
      const requests = registry.requests
        .map((each) => each.replace(`${framework}/`, ''))
        .filter((each) => /^(tags|manifest) (alpha|zeta)/.test(each) && !each.includes('sha256:'));
      assert.deepEqual(requests.sort(), [
        'manifest alpha 1.1.0',
        'manifest zeta 0.1.0',
        // What the Bunnyfile alone would come to.
        'manifest zeta 5.0.0',
        'tags alpha',
        'tags zeta',
      ]);
    } finally {
      await registry.close();
    }
  });

  it('asks the registry for what is named, and for what has to follow, and for nothing else', async () => {
    await publish({
      'j 1.0.0': {},
      'j 2.0.0': {},
      'k 1.0.0': {},
      'k 2.0.0': {},
      'a 1.0.0': { j: '*', k: '*' },
      'a 2.0.0': { j: '^2', k: '*' },
      'b 1.0.0': { j: '*', k: '*' },
      'b 2.0.0': { j: '*', k: '*' },
    });
    const registry = await startCountingRegistry(directory);
    try {
      project.bases = [registry.host];
      await lock(['a', 'b'], 'a 1.0.0', 'b 1.0.0', 'j 1.0.0', 'k 1.0.0');
      registry.requests.length = 0;
      assert.deepEqual(await update(['a', 'b'], ['a']), ['a 2.0.0', 'b 1.0.0', 'j 2.0.0', 'k 1.0.0']);
      const requests = registry.requests.map((each) => each.replace(`${framework}/`, '')).sort();
      assert.deepEqual(
        requests.filter((each) => each.startsWith('tags')),
        ['tags a', 'tags j'],
      );
    } finally {
      await registry.close();
    }
  });
});
