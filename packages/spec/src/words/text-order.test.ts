import assert from 'node:assert/strict';
import fc from 'fast-check';
import { byCodeUnit, byText } from './text-order.js';

describe('the order of texts', () => {
  it('is that of sorting without a comparator, and says equal where it is equal', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
        assert.deepEqual([...texts].sort(byCodeUnit), [...texts].sort());
        for (const text of texts) assert.equal(byCodeUnit(text, text), 0);
      }),
    );
  });

  it('keeps what has the same text in its order', () => {
    const items = ['b', 'a', 'b', 'a'].map((name, index) => ({ name, index }));
    assert.deepEqual(
      items.sort(byText(({ name }) => name)).map(({ index }) => index),
      [1, 3, 0, 2],
    );
  });
});
