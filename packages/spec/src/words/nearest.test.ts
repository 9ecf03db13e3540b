import assert from 'node:assert/strict';
import fc from 'fast-check';
import { editDistance, nearest, suggestion } from './nearest.js';

describe('nearest', () => {
  it('counts insertions, deletions, replacements and exchanges', () => {
    assert.equal(editDistance('name', 'name'), 0);
    assert.equal(editDistance('nam', 'name'), 1);
    assert.equal(editDistance('names', 'name'), 1);
    assert.equal(editDistance('nane', 'name'), 1);
    assert.equal(editDistance('naem', 'name'), 1);
    assert.equal(editDistance('', 'name'), 4);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });

  it('is a symmetric distance that vanishes only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const edits = editDistance(a, b);
        assert.equal(edits, editDistance(b, a));
        assert.equal(edits === 0, a === b);
        assert.ok(edits <= Math.max(a.length, b.length) && edits >= Math.abs(a.length - b.length));
      }),
    );
  });

  it('offers what is near, nearest first, and nothing else', () => {
    assert.deepEqual(nearest('dependecies', ['description', 'dependencies', 'defines']), ['dependencies']);
    assert.deepEqual(nearest('LIBC', ['libc', 'libm', 'console']), ['libc', 'libm']);
    assert.deepEqual(nearest('zebra', ['libc', 'console']), []);
    assert.deepEqual(nearest('x'.repeat(10_000), ['x'.repeat(10_000)]), []);
  });

  it('asks in one sentence', () => {
    assert.equal(suggestion('nam', ['name']), 'did you mean "name"?');
    assert.equal(
      suggestion('alloc-bum', ['alloc-bump', 'alloc-buddy']),
      'did you mean "alloc-bump" or "alloc-buddy"?',
    );
    assert.equal(suggestion('zebra', ['name']), undefined);
  });
});
