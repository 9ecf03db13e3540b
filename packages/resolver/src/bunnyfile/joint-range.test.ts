import assert from 'node:assert/strict';
import fc from 'fast-check';
import semver from 'semver';
import { jointRange } from './joint-range.js';

describe('jointRange', () => {
  it('multiplies alternatives out', () => {
    const joint = jointRange('^1.0 || ^2.0', '^1.5');
    assert.equal(semver.satisfies('1.2.0', joint), false);
    assert.equal(semver.satisfies('1.6.0', joint), true);
    assert.equal(semver.satisfies('2.1.0', joint), false);
  });

  it('keeps what says nothing short', () => {
    assert.equal(jointRange('^1.0', '^1.0'), '^1.0');
    assert.equal(jointRange('*', '*'), '*');
    assert.equal(jointRange('*', '>=1.2.0'), '>=1.2.0');
  });

  it('is met by what meets both, and by nothing else', () => {
    const number = fc.integer({ min: 0, max: 3 });
    const version = fc.tuple(number, number, number).map((parts) => parts.join('.'));
    const simple = fc
      .tuple(fc.constantFrom('^', '~', '>=', '<', '', '<='), version)
      .map(([operator, each]) => `${operator}${each}`);
    const hyphen = fc.tuple(version, version).map((ends) => ends.join(' - '));
    const range = fc
      .array(fc.oneof(simple, hyphen, fc.constant('*')), { minLength: 1, maxLength: 3 })
      .map((alternatives) => alternatives.join(' || '));
    fc.assert(
      fc.property(range, range, version, (left, right, each) => {
        const both = semver.satisfies(each, left) && semver.satisfies(each, right);
        assert.equal(semver.satisfies(each, jointRange(left, right)), both);
      }),
    );
  });
});
