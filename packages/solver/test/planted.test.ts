import assert from 'node:assert/strict';
import fc from 'fast-check';
import { generate } from '../bench/universes.js';
import { memoryUniverse } from '../src/search/memory.js';
import { solveSync } from '../src/solve.js';
import { Oracle } from './oracle.js';

describe('solve, on universes too large for brute force', function () {
  this.timeout(120_000);

  it('finds the closure that is known to be there, or a better one', () => {
    const shape = fc.record({
      components: fc.integer({ min: 10, max: 60 }),
      versions: fc.integer({ min: 2, max: 8 }),
      narrow: fc.double({ min: 0.2, max: 1, noNaN: true }),
      wishes: fc.integer({ min: 1, max: 8 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shape, (given) => {
        const { candidates, requirements } = generate(given);
        const universe = memoryUniverse(candidates);
        const root = { name: 'app', requirements, settings: {} };
        const solution = solveSync(root, universe);
        assert.ok(solution.solved, solution.solved ? '' : solution.failure.lines.join('\n'));
        const names = [...new Set(candidates.map(({ name }) => name))];
        const oracle = new Oracle({ names, candidates, defaults: {}, universe, root, options: {} });
        const members = new Map([...solution.closure].map(([name, { candidate }]) => [name, candidate]));
        assert.equal(oracle.flaw(members), undefined);
        assert.equal(oracle.improvement(members), undefined);
      }),
      { numRuns: 300 },
    );
  });
});
