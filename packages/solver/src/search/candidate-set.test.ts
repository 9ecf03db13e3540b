import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  absent,
  first,
  has,
  isPresent,
  isSingle,
  isSubset,
  members,
  nothing,
  only,
  overlaps,
  setOf,
  span,
  where,
} from './candidate-set.js';

const numbers = fc.uniqueArray(fc.oneof(fc.nat(150), fc.nat(1500)), { maxLength: 20 });

describe('candidate sets', () => {
  it('behave as sets of numbers', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [left, right] = [setOf(a), setOf(b)];
        assert.deepEqual(
          [...members(left)],
          a.toSorted((x, y) => x - y),
        );
        assert.deepEqual(
          [...members(left & right)],
          a.filter((each) => b.includes(each)).toSorted((x, y) => x - y),
        );
        assert.equal(
          isSubset(left, right),
          a.every((each) => b.includes(each)),
        );
        assert.equal(
          overlaps(left, right),
          a.some((each) => b.includes(each)),
        );
        assert.equal(isSingle(left), a.length === 1);
        assert.equal(
          where(1501, (each) => a.includes(each)),
          left,
        );
        assert.equal(
          left,
          a.reduce((set, each) => set | only(each), nothing),
        );
        if (a.length > 0) assert.equal(first(left), Math.min(...a));
      }),
    );
  });

  it('can be all from one candidate up to another', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), (from, to) => {
        const between = where(101, (each) => each >= from && each < to);
        assert.equal(span(from, to), between);
      }),
    );
  });

  it('have complements that hold absence and whatever is not known yet', () => {
    const rest = ~setOf([0, 2]);
    assert.ok(!isPresent(rest) && !isSingle(rest));
    assert.ok(has(rest, 1) && !has(rest, 2) && has(rest, 1000));
    assert.ok(isPresent(rest & ~absent));
    assert.equal(first(rest), 1);
  });
});
