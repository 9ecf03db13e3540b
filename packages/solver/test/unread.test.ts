import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memoryUniverse } from '../src/search/memory.js';
import type { Candidate, Root } from '../src/search/universe.js';
import { solve, solveSync } from '../src/solve.js';
import { hidden } from './hidden.js';
import { worlds } from './worlds.js';

describe('solve, with candidates that are read when they matter', function () {
  this.timeout(120_000);

  it('answers as it does when all is known: every closure, every failure and every word of it', () => {
    fc.assert(
      fc.property(worlds, fc.array(fc.nat(3), { minLength: 16, maxLength: 16 }), (world, dice) => {
        const whole = solveSync(world.root, world.universe, world.options);
        let at = 0;
        const die = () => dice[at++ % dice.length] ?? 0;
        const universe = hidden(
          world.universe,
          (name) => {
            const candidates = world.universe.candidates(name) as readonly Candidate[];
            const pin = world.options.preferred?.get(name);
            // What a lock has is always known.
            return {
              versions: die() < 2,
              candidates: candidates.filter(({ id }, index) => id === pin || index + 2 < die()),
            };
          },
          () => die() === 0,
        );
        assert.deepEqual(solveSync(world.root, universe, world.options), whole);
      }),
      { numRuns: 4000 },
    );
  });

  it('takes no candidate before one of the same version that is not read yet and may be preferred', () => {
    const settings = { arch: 'amd64', platform: 'qemu' };
    const whole = memoryUniverse([
      { name: 'a', version: '1.2.0', id: 'any', settings: { platform: 'qemu' } },
      { name: 'a', version: '1.2.0', id: 'made for this', settings },
    ]);
    const universe = hidden(
      whole,
      (name) => ({ versions: true, candidates: (whole.candidates(name) ?? []).slice(0, 1) }),
      () => false,
    );
    const solution = solveSync({ name: 'app', requirements: { a: { version: '*' } }, settings }, universe);
    assert.equal(solution.solved && solution.closure.get('a')?.candidate.id, 'made for this');
  });

  const versions = Array.from({ length: 50 }, (_, minor) => `1.${minor}.0`);
  const made = ['a', 'b', 'c'].flatMap((name, i, names) =>
    versions.map((version): Candidate => {
      const next = names[i + 1];
      return {
        name,
        version,
        id: version,
        dependencies: next ? { [next]: { version: `<=${version}` } } : {},
      };
    }),
  );
  const root = (version: string): Root => ({ name: 'app', requirements: { a: { version } }, settings: {} });

  it('reads no version that nobody would choose', async () => {
    const universe = hidden(
      memoryUniverse(made),
      () => ({ versions: true, candidates: [] }),
      () => false,
    );
    const solution = await solve(root('<1.40'), universe);
    assert.ok(solution.solved);
    assert.deepEqual([...universe.versionsRead].sort(), ['a 1.39.0', 'b 1.39.0', 'c 1.39.0']);
  });

  it('reads nothing of a component that the lock has and that may stay', async () => {
    const pins = made.filter(({ version }) => version === '1.7.0');
    const universe = hidden(
      memoryUniverse(made),
      (name) => ({ versions: false, candidates: pins.filter((pin) => pin.name === name) }),
      () => false,
    );
    const preferred = new Map(pins.map(({ name, id }) => [name, id]));
    const kept = await solve(root('*'), universe, { preferred });
    assert.ok(kept.solved);
    assert.deepEqual(
      [...kept.closure.values()].map(({ candidate }) => candidate.version),
      ['1.7.0', '1.7.0', '1.7.0'],
    );
    assert.deepEqual([...universe.versionsRead], []);
    const moved = await solve(root('<1.7'), universe, { preferred });
    assert.ok(moved.solved);
    assert.deepEqual(
      [...moved.closure.values()].map(({ candidate }) => candidate.version),
      ['1.6.0', '1.6.0', '1.6.0'],
    );
    assert.deepEqual([...universe.versionsRead].sort(), ['a 1.6.0', 'b 1.6.0', 'c 1.6.0']);
  });

  it('says so where the universe cannot read', () => {
    const universe = { ...memoryUniverse([{ name: 'a', version: '1.0.0', id: '1', unread: true }]) };
    assert.throws(() => solveSync(root('*'), universe), /cannot|no `read`/);
  });
});
