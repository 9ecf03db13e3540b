import assert from 'node:assert/strict';
import { attempt } from '../src/search/attempt.js';
import { LookupsNow } from '../src/search/lookups-now.js';
import { memoryUniverse } from '../src/search/memory.js';
import type { Candidate, Solution, Universe } from '../src/search/universe.js';
import { VersionReader } from '../src/search/version.js';
import { solve, solveSync } from '../src/solve.js';
import { count, type Grown, growing, make, rootOf } from './growing-universes.js';

/** Steps of work for each candidate, and for each thing that the root or a candidate asks for or provides. */
const mostWork = 80;
/** Looks at what a candidate says, for each candidate. */
const mostReads = 400;

/** The same candidates, with a count of how often anything is read of them. */
function counted(candidates: readonly Candidate[]): { candidates: Candidate[]; reads: () => number } {
  let reads = 0;
  const get = (candidate: Candidate, key: string) => {
    reads++;
    return candidate[key as keyof Candidate];
  };
  return { candidates: candidates.map((each) => new Proxy(each, { get: get as never })), reads: () => reads };
}

function itemsOf({ wishes, candidates }: Grown): number {
  const said = candidates.map(
    ({ dependencies, provides }) => Object.keys({ ...dependencies, ...provides }).length,
  );
  return said.reduce((sum, each) => sum + each, candidates.length + Object.keys(wishes).length);
}

/** The steps of work that the search takes, its proof included. */
function workOf(grown: Grown, universe: Universe): number {
  const [root, options, versions] = [rootOf(grown), grown.options ?? {}, new VersionReader()];
  const lookups = new LookupsNow(universe, root, options, versions);
  const attempts = attempt({ root, options }, versions);
  let step = attempts.next();
  for (; step.done !== true; step = attempts.next()) lookups.answer(step.value);
  return step.value.outcome.work;
}

function check(solution: Solution, { isSolvable = false }: Grown): void {
  if (solution.solved) {
    assert.ok(isSolvable, 'there is no such closure');
    return;
  }
  const { kind, summary, lines, suggestions } = solution.failure;
  assert.ok(!isSolvable && kind === 'unsatisfiable', [summary, ...lines].join('\n'));
  assert.ok(lines.length >= 1 && lines.length <= 12);
  const told = [summary, ...lines, ...suggestions].join('\n');
  assert.ok(told.length <= 2000, told);
}

describe('growth', function () {
  this.timeout(60_000);

  for (const [family, grow] of Object.entries(growing)) {
    it(`${family}: the work, what is read and what is told stay in proportion`, () => {
      for (const size of [250, 2000]) {
        const grown = grow(size);
        const { candidates, reads } = counted(grown.candidates);
        const universe = memoryUniverse(candidates, grown.capabilities);
        const before = reads();
        check(solveSync(rootOf(grown), universe, grown.options), grown);
        const each = (reads() - before) / candidates.length;
        assert.ok(each <= mostReads, `each of ${candidates.length} candidates was read ${each} times`);
        const work = workOf(grown, universe) / itemsOf(grown);
        assert.ok(work <= mostWork, `${work} steps of work for each of ${itemsOf(grown)} items`);
      }
    });
  }

  const large: [keyof typeof growing, number][] = [
    ['versions that fail for a reason each', 10_000],
    ['versions with ten dependencies each, of which one fails', 10_000],
    ['providers that all fail', 2000],
    ['a chain', 100_000],
    ['a chain without an end', 100_000],
  ];
  for (const [family, size] of large) {
    it(`${family}, ${size} long, from a universe that answers later`, async () => {
      const grown = (growing[family] as (size: number) => Grown)(size);
      check(await solve(rootOf(grown), memoryUniverse(grown.candidates, grown.capabilities)), grown);
    });
  }

  it('is bounded by work where decisions do not bound it, and what was tried is told', () => {
    const holes = 30;
    const candidates = count(holes + 1).flatMap((pigeon) =>
      count(holes).map((hole) => {
        const others = count(holes + 1).filter((other) => other > pigeon);
        const conflicts = Object.fromEntries(others.map((other) => [`p${other}`, `${hole + 1}.0.0`]));
        return make(`p${pigeon}`, `${hole + 1}.0.0`, {}, { conflicts });
      }),
    );
    const wishes = Object.fromEntries(count(holes + 1).map((pigeon) => [`p${pigeon}`, '*']));
    const solution = solveSync(rootOf({ wishes, candidates }), memoryUniverse(candidates), {
      work: 1_000_000,
    });
    assert.ok(!solution.solved && solution.failure.kind === 'budget');
    const { summary, lines } = solution.failure;
    const steps = Number(/no closure was found in (\d+) steps$/.exec(summary)?.[1]);
    assert.ok(steps >= 1_000_000 && steps < 1_100_000, summary);
    assert.match(
      lines.join('\n'),
      /^\d+ decisions were taken, \d+ dead ends met\nmost dead ends were about p\d+ .*\ntried last: p0 \d+\.0\.0, .* and \d+ more$/,
    );
    assert.deepEqual(
      solveSync(rootOf({ wishes, candidates }), memoryUniverse(candidates), { work: 1_000_000 }),
      solution,
    );
  });
});
