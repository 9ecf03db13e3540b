import assert from 'node:assert/strict';
import fc from 'fast-check';
import { solveSync } from '../src/solve.js';
import { answerOf } from './answer.js';
import { Oracle } from './oracle.js';
import { worlds } from './worlds.js';

describe('solve against brute force', function () {
  this.timeout(300_000);

  it('finds a closure just where there is one: the one that is the answer, valid, and improved by no single move', () => {
    let solved = 0;
    fc.assert(
      fc.property(worlds, (world) => {
        const oracle = new Oracle(world);
        const solution = solveSync(world.root, world.universe, world.options);
        if (!solution.solved) {
          assert.equal(solution.failure.kind, 'unsatisfiable');
          assert.ok(solution.failure.lines.length >= 1 && solution.failure.lines.length <= 12);
          assert.deepEqual(oracle.closures(), [], 'there is a closure after all');
          return;
        }
        solved++;
        const members = new Map([...solution.closure].map(([name, { candidate }]) => [name, candidate]));
        assert.equal(oracle.flaw(members), undefined);
        assert.equal(oracle.improvement(members), undefined);
        assert.deepEqual(members, answerOf(oracle));
      }),
      { numRuns: 20_000 },
    );
    assert.ok(solved > 1000, 'the worlds are too hard to tell anything');
  });
});
