import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseChallenges } from './challenge.js';

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('challenges', () => {
  it('are read as registries write them', () => {
    assert.deepEqual(
      read(
        'Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push"',
      ),
      [
        [
          'bearer',
          { realm: 'https://auth.example.com/token', service: 'registry', scope: 'repository:a/b:pull,push' },
        ],
      ],
    );
    assert.deepEqual(read('Basic realm="Registry Realm"'), [['basic', { realm: 'Registry Realm' }]]);
  });

  it('survive odd quoting', () => {
    assert.deepEqual(
      read('BEARER Realm=https://a/token , service = "x y" ,scope=repository:a:pull,push,error="e"'),
      [['bearer', { realm: 'https://a/token', service: 'x y', scope: 'repository:a:pull,push', error: 'e' }]],
    );
    assert.deepEqual(read('Bearer realm="a\\"b\\\\c",service="unfinished'), [
      ['bearer', { realm: 'a"b\\c', service: 'unfinished' }],
    ]);
    assert.deepEqual(read('Bearer realm="",,, service=x;y'), [['bearer', { realm: '', service: 'x;y' }]]);
    assert.deepEqual(read('Bearer realm="first",realm="second"'), [['bearer', { realm: 'first' }]]);
  });

  it('may stand several in one header', () => {
    assert.deepEqual(read('Negotiate, Basic realm="a, b", Bearer realm="c",service="d"'), [
      ['negotiate', {}],
      ['basic', { realm: 'a, b' }],
      ['bearer', { realm: 'c', service: 'd' }],
    ]);
    assert.deepEqual(read(''), []);
    assert.deepEqual(read('realm="x"'), []);
  });

  it('never hang or throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', ',', '=', ' ', 'a', 'é', '\t', ';') }),
        (text) => void parseChallenges(text),
      ),
    );
    parseChallenges(`Bearer realm="${'\\"'.repeat(50_000)}`);
  });
});
