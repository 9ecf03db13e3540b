import assert from 'node:assert/strict';
import fc from 'fast-check';
import { where } from './candidate-set.js';
import { listingOf } from './listing.js';
import { SortedVersions } from './sorted-versions.js';
import { inRange, unknownVersion, VersionReader } from './version.js';

const number = fc.nat(2);
const triple = fc.tuple(number, number, number).map((parts) => parts.join('.'));
const early = fc.oneof(number.map(String), fc.constantFrom('a', 'a.0', 'a.1', 'b', '0.a'));
const version = fc.oneof(
  { weight: 2, arbitrary: triple },
  { weight: 1, arbitrary: fc.tuple(triple, early).map((parts) => parts.join('-')) },
);
const comparator = fc
  .tuple(fc.constantFrom('^', '~', '>', '<', '>=', '<=', ''), version)
  .map((parts) => parts.join(''));
const alternative = fc.array(comparator, { maxLength: 3 }).map((comparators) => comparators.join(' ') || '*');
const range = fc
  .array(alternative, { minLength: 1, maxLength: 2 })
  .map((alternatives) => alternatives.join(' || '));

describe('sorted versions', () => {
  it('have just those in a range that are in it one by one', () => {
    const versions = new VersionReader();
    fc.assert(
      fc.property(
        fc.uniqueArray(version, { minLength: 1, maxLength: 25 }),
        fc.constantFrom('highest' as const, 'lowest' as const),
        fc.nat(25),
        fc.boolean(),
        range,
        (texts, strategy, locked, withUnknown, text) => {
          const listed = texts.map((each) => ({ name: 'a', version: each, id: each }));
          const unread = withUnknown ? [{ name: 'a', version: '', id: '', unread: true }] : [];
          const preferred = new Map([['a', texts[locked] ?? '']]);
          const root = { name: 'app', requirements: {}, settings: {} };
          const { candidates } = listingOf(
            'a',
            [...listed, ...unread],
            root,
            { strategy, preferred },
            versions,
          );
          const asked = versions.range(text);
          const expected = where(candidates.length, (i) => {
            const { version = unknownVersion } = candidates[i] ?? {};
            return version !== unknownVersion && inRange(version, asked);
          });
          assert.equal(new SortedVersions(candidates).inRange(asked), expected, text);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
