import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as semver from 'semver';
import { compareVersions, inRange, parseRange, parseVersion } from './version.js';

const number = fc.nat(3).map(String);
const identifier = fc.constantFrom('alpha', 'beta', 'rc', '0', '1', '10', 'a-b');
const prerelease = fc.array(identifier, { minLength: 1, maxLength: 3 }).map((parts) => `-${parts.join('.')}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, { weight: 1, arbitrary });
const triple = fc.tuple(number, number, number).map((parts) => parts.join('.'));
const version = fc
  .tuple(triple, optional(prerelease), optional(fc.constant('+build.7')))
  .map((parts) => parts.join(''));
const partial = fc.oneof(
  version,
  number,
  fc.tuple(number, number).map((parts) => parts.join('.')),
  fc.constantFrom('*', 'x', '1.x', '1.2.*', ''),
);
const simple = fc
  .tuple(fc.constantFrom('', '^', '~', '>', '>=', '<', '<=', '='), partial)
  .map((parts) => parts.join(''));
const comparators = fc.oneof(
  fc.array(simple, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' ')),
  fc.tuple(partial, partial).map((parts) => parts.join(' - ')),
);
const range = fc.array(comparators, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' || '));

describe('versions and ranges', () => {
  it('are read and compared as node-semver does', () => {
    fc.assert(
      fc.property(version, version, range, (a, b, text) => {
        const [left, right] = [parseVersion(a), parseVersion(b)];
        assert.ok(left !== undefined && right !== undefined);
        assert.equal(Math.sign(compareVersions(left, right)), semver.compare(a, b));
        const parsed = parseRange(text);
        assert.equal(parsed !== undefined, semver.validRange(text) !== null);
        if (parsed !== undefined)
          assert.equal(inRange(left, parsed), semver.satisfies(a, text), `${a} in ${text}`);
      }),
      { numRuns: 5000 },
    );
  });

  it('refuse what node-semver refuses', () => {
    const texts = [
      '',
      '1',
      '1.2',
      '1.2.3.4',
      '01.2.3',
      '1.2.3-',
      '1.2.3-01',
      'v1.2.3',
      ' 1.2.3 ',
      '9007199254740992.0.0',
      'latest',
      '1.2.3-é',
    ];
    for (const text of texts)
      assert.equal(parseVersion(text) !== undefined, semver.valid(text) !== null, text);
    for (const text of ['^^1', 'latest', '1.2.3 - ', '>>1', '1 || latest']) {
      assert.equal(parseRange(text) !== undefined, semver.validRange(text) !== null, text);
    }
  });

  it('hold a pre-release only where a comparator asks for one of the same triple', () => {
    const cases: [string, string, boolean][] = [
      ['2.0.0-rc.1', '*', false],
      ['2.0.0-rc.1', '^1.0.0', false],
      ['2.0.0-rc.1', '>=2.0.0-rc.0', true],
      ['2.0.1-rc.1', '>=2.0.0-rc.0', false],
      ['2.0.0-rc.1', '1.x || ^2.0.0-beta', true],
    ];
    for (const [text, asked, expected] of cases) {
      const [parsed, read] = [parseVersion(text), parseRange(asked)];
      assert.ok(parsed !== undefined && read !== undefined);
      assert.equal(inRange(parsed, read), expected, `${text} in ${asked}`);
    }
  });
});
