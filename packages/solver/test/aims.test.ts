import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memoryUniverse } from '../src/search/memory.js';
import type { Aim, Candidate } from '../src/search/universe.js';
import { solveSync } from '../src/solve.js';
import { answerOf } from './answer.js';
import { hidden } from './hidden.js';
import { type Members, Oracle, type World } from './oracle.js';
import { worlds } from './worlds.js';

/** What candidates cost, by their place among those of their name. */
const table = fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2), { minLength: 15, maxLength: 15 });

const aims = fc.array(
  fc.oneof(
    fc.constantFrom('a', 'b', 'c', 'd', 'e').map((best) => ({ best })),
    table.map((costs) => ({ costs })),
  ),
  { minLength: 1, maxLength: 4 },
);

type Sketch = { best: string } | { costs: readonly number[] };

/** Unread candidates cost no more than any that they may stand for. */
function aimOf(sketch: Sketch, { candidates }: World): Aim {
  if ('best' in sketch) return sketch;
  const cost = new Map(candidates.map(({ id }, index) => [id, sketch.costs[index % 15] ?? 0]));
  return { least: ({ id, unread }: Candidate) => (unread ? 0 : (cost.get(id) ?? 0)) };
}

/** The closure that the words of the README describe, out of all that there are. */
function aimedAt(oracle: Oracle, wanted: readonly Aim[]): Members | undefined {
  let left = oracle.closures();
  const asked = new Set(oracle.rootAsks.map(({ name }) => name));
  const first: string[] = [];
  for (const aim of wanted) {
    if ('best' in aim) {
      const having = left.filter((closure) => closure.has(aim.best));
      if (asked.has(aim.best) || having.length > 0) first.push(aim.best);
      const best = oracle
        .eligible(aim.best)
        .find((each) => having.some((closure) => closure.get(aim.best) === each));
      if (best !== undefined) left = having.filter((closure) => closure.get(aim.best) === best);
    } else {
      const sums = left.map((closure) =>
        [...closure.values()].reduce((sum, each) => sum + aim.least(each), 0),
      );
      left = left.filter((_, index) => sums[index] === Math.min(...sums));
    }
  }
  return answerOf(oracle, left, first);
}

describe('solve with aims', function () {
  this.timeout(120_000);

  it('finds the closure that meets them best, the first the first: the very one that the documentation describes', () => {
    let solved = 0;
    const property = fc.property(worlds, aims, fc.boolean(), (world, sketches, isHidden) => {
      const wanted = sketches.map((each) => aimOf(each, world));
      const oracle = new Oracle(world);
      const universe = isHidden ? hidden(world.universe, pinsOnly(world), () => false) : world.universe;
      const solution = solveSync(world.root, universe, { ...world.options, aims: wanted });
      if (!solution.solved) {
        assert.deepEqual(oracle.closures(), [], 'there is a closure after all');
        assert.deepEqual(solution, solveSync(world.root, world.universe, world.options));
        return;
      }
      solved++;
      const members = new Map([...solution.closure].map(([name, { candidate }]) => [name, candidate]));
      assert.deepEqual(members, aimedAt(oracle, wanted));
    });
    fc.assert(property, { numRuns: 6000 });
    assert.ok(solved > 1000, `${solved} worlds have a closure`);
  });
});

describe('solve with aims, where it is hard to be sure', function () {
  this.timeout(60_000);

  /** Of each of so many pairs one has to move for the newest `a`, and either will do: to prove it takes all of their combinations. */
  function pairs(count: number): { candidates: Candidate[]; pins: Map<string, string> } {
    const made = (name: string, version: string, needs: readonly [string, string][] = []): Candidate => ({
      name,
      version,
      id: `${name} ${version}`,
      dependencies: Object.fromEntries(needs.map(([on, range]) => [on, { version: range }])),
    });
    const numbers = Array.from({ length: count }, (_, number) => number);
    const pinned = numbers.flatMap((number) => [`x${number}`, `y${number}`]);
    return {
      candidates: [
        made('a', '1.0.0'),
        made(
          'a',
          '2.0.0',
          numbers.map((number) => [`g${number}`, '*']),
        ),
        ...numbers.flatMap((number) => [
          made(`g${number}`, '1.0.0', [
            [`x${number}`, '^2'],
            [`y${number}`, '*'],
          ]),
          made(`g${number}`, '2.0.0', [
            [`y${number}`, '^2'],
            [`x${number}`, '*'],
          ]),
        ]),
        ...pinned.flatMap((name) => [made(name, '1.0.0'), made(name, '2.0.0')]),
      ],
      pins: new Map(pinned.map((name) => [name, `${name} 1.0.0`])),
    };
  }

  for (const count of [6, 40]) {
    it(`takes the best that it found: ${count} alternatives`, () => {
      const { candidates, pins } = pairs(count);
      const names = ['a', ...pins.keys()];
      const root = {
        name: 'app',
        requirements: Object.fromEntries(names.map((name) => [name, { version: '*' }])),
        settings: {},
      };
      const moves = ({ name, id }: Candidate) => Number((pins.get(name) ?? id) !== id);
      const aims: Aim[] = [{ best: 'a' }, { least: moves }];
      const solution = solveSync(root, memoryUniverse(candidates), { preferred: pins, aims });
      assert.ok(solution.solved);
      const chosen = [...solution.closure.values()].map(({ candidate }) => candidate);
      assert.equal(solution.closure.get('a')?.candidate.version, '2.0.0');
      assert.equal(chosen.filter(moves).length, count);
    });
  }
});

/** A universe that at first tells just what a lock has. */
function pinsOnly({ universe, options }: World) {
  return (name: string) => {
    const pin = options.preferred?.get(name);
    const candidates = (universe.candidates(name) ?? []) as readonly Candidate[];
    return { versions: true, candidates: candidates.filter(({ id }) => id === pin) };
  };
}
