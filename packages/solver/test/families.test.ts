import assert from 'node:assert/strict';
import { memoryUniverse } from '../src/search/memory.js';
import type { Candidate } from '../src/search/universe.js';
import { solveSync } from '../src/solve.js';
import { count, make, ranges } from './growing-universes.js';

function solveFor(wishes: Record<string, string>, candidates: readonly Candidate[], budget = 5000) {
  const root = { name: 'app', requirements: ranges(wishes), settings: {} };
  return solveSync(root, memoryUniverse(candidates), { budget });
}

function versionsOf(solution: ReturnType<typeof solveFor>): Record<string, string> {
  assert.ok(solution.solved, solution.solved ? '' : solution.failure.lines.join('\n'));
  return Object.fromEntries([...solution.closure].map(([name, { candidate }]) => [name, candidate.version]));
}

// Each would take a search without learning longer than the age of the universe, or the stack.
describe('hard families', function () {
  this.timeout(120_000);

  it('long chains', () => {
    const candidates = count(5000).map((i) =>
      make(`c${i}`, '1.0.0', i < 4999 ? { [`c${i + 1}`]: '^1.0.0' } : {}),
    );
    assert.equal(Object.keys(versionsOf(solveFor({ c0: '*' }, candidates, 20_000))).length, 5000);
  });

  it('a long chain whose end excludes its start', () => {
    const candidates = count(500).flatMap((i) => [
      make(`c${i}`, '1.0.0', i < 499 ? { [`c${i + 1}`]: '*' } : { pin: '^1.0.0' }),
      make(`c${i}`, '2.0.0', i < 499 ? { [`c${i + 1}`]: '^2.0.0' } : { pin: '^2.0.0' }),
    ]);
    const pins = [make('pin', '1.0.0'), make('pin', '2.0.0')];
    const versions = versionsOf(solveFor({ c0: '*', pin: '^1.0.0' }, [...candidates, ...pins]));
    assert.ok(count(500).every((i) => versions[`c${i}`] === '1.0.0'));
  });

  it('diamonds upon diamonds', () => {
    const candidates = count(200).flatMap((i) => [
      make(`left${i}`, '1.0.0', { [`top${i + 1}`]: '^1.0.0' }),
      make(`right${i}`, '1.0.0', { [`top${i + 1}`]: '>=1.0.0' }),
      make(`top${i}`, '1.0.0', { [`left${i}`]: '*', [`right${i}`]: '*' }),
      make(`top${i}`, '2.0.0', { [`left${i}`]: '*', [`right${i}`]: '*' }),
    ]);
    const versions = versionsOf(solveFor({ top0: '^1.0.0' }, [...candidates, make('top200', '1.0.0')]));
    assert.equal(Object.keys(versions).length, 601);
  });

  it('deep backtracking: the last of many choices rules out the first', () => {
    const levels = 40;
    const candidates = count(levels).flatMap((i) =>
      count(8).map((v) =>
        make(`c${i}`, `1.${v}.0`, i + 1 < levels ? { [`c${i + 1}`]: `<=1.${v}.0` } : { seed: `1.${v}.0` }),
      ),
    );
    const versions = versionsOf(solveFor({ c0: '*' }, [...candidates, make('seed', '1.3.0')]));
    assert.equal(versions[`c${levels - 1}`], '1.3.0');
    assert.equal(versions.c0, '1.7.0');
  });

  it('unsatisfiable by one edge, far from where the choices are', () => {
    const candidates = count(60).flatMap((i) =>
      count(10).map((v) =>
        make(`c${i}`, `1.${v}.0`, { shared: `>=1.${v % 5}.0`, ...(i === 59 ? { gone: '^9.0.0' } : {}) }),
      ),
    );
    const wishes = Object.fromEntries(count(60).map((i) => [`c${i}`, '*']));
    const shared = count(10).map((v) => make('shared', `1.${v}.0`));
    const solution = solveFor(wishes, [...candidates, ...shared, make('gone', '1.0.0')]);
    assert.ok(!solution.solved);
    assert.deepEqual(solution.failure.lines, [
      'Bunnyfile asks for any c59',
      'c59 1.0.0 to 1.9.0 (10 versions) need gone ^9.0.0',
      'no gone is in ^9.0.0: there is 1.0.0',
    ]);
  });

  it('many providers, of which the last one will do', () => {
    const providers = count(200).map((i) =>
      make(`libc${i}`, '1.0.0', i < 199 ? { old: '*' } : {}, { provides: { libc: '1.0.0' } }),
    );
    const candidates = [
      ...providers,
      make('app', '1.0.0', { libc: '*' }),
      make('new', '1.0.0', {}, { conflicts: { old: '*' } }),
      make('old', '1.0.0'),
    ];
    const root = { name: 'app', requirements: ranges({ app: '*', new: '*' }), settings: {} };
    const solution = solveSync(root, memoryUniverse(candidates, { libc: { default: 'libc0' } }));
    assert.equal(versionsOf(solution).libc199, '1.0.0');
  });

  it('components that must all have the same version', () => {
    const candidates = count(30).flatMap((i) =>
      count(20).map((v) =>
        make(`c${i}`, `${v + 1}.0.0`, {
          [`c${(i + 1) % 30}`]: `${v + 1}.0.0`,
          ...(i === 17 && v > 4 ? { gone: '*' } : {}),
        }),
      ),
    );
    const root = { name: 'app', requirements: ranges({ c0: '*' }), settings: {} };
    const solution = solveSync(root, memoryUniverse(candidates), { allowCycles: true, budget: 5000 });
    assert.ok(Object.values(versionsOf(solution)).every((version) => version === '5.0.0'));
  });

  it('pigeons and holes: gives up within its budget, and says so', () => {
    const holes = 12;
    const candidates = count(holes + 1).flatMap((pigeon) =>
      count(holes).map((hole) =>
        make(
          `p${pigeon}`,
          `${hole + 1}.0.0`,
          {},
          {
            conflicts: Object.fromEntries(
              count(holes + 1)
                .filter((other) => other > pigeon)
                .map((other) => [`p${other}`, `${hole + 1}.0.0`]),
            ),
          },
        ),
      ),
    );
    const wishes = Object.fromEntries(count(holes + 1).map((pigeon) => [`p${pigeon}`, '*']));
    const solution = solveFor(wishes, candidates, 2000);
    assert.ok(!solution.solved);
    assert.equal(solution.failure.kind, 'budget');
    assert.match(solution.failure.summary, /2000 decisions/);
    assert.match(solution.failure.lines.join('\n'), /dead ends met\nmost dead ends were about p\d+ /);
  });
});
