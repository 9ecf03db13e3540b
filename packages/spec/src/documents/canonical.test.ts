import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, layerHash, sha256, variantTag } from './canonical.js';
import type { ComponentIdentity } from './component.js';

const identity: ComponentIdentity = {
  schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
  framework: 'warren',
  name: 'net',
  version: '1.2.0',
  settings: { arch: 'amd64', platform: 'qemu' },
  options: { ipv6: true },
  dependencies: { libc: { version: '^1.0' } },
  provides: {},
  conflicts: {},
  tooling: sha256('tooling'),
  source: sha256('source'),
};

describe('canonical JSON', () => {
  it('is that of RFC 8785, section 3.2.2', () => {
    const value = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    assert.equal(
      canonicalJson(value),
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('does not depend on the order of keys, and says the same as JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(reversed), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 50 },
    );
  });

  it('is refused to what JSON cannot say', () => {
    assert.throws(() => canonicalJson(undefined), TypeError);
    assert.throws(() => canonicalJson({ a: Number.NaN }));
  });
});

describe('layer hashes', () => {
  it('never change: every published layer is named by one', () => {
    // Worked out by Python's json and hashlib.
    const hash = 'sha256:f1673c320b8b7d9924f8f4637821f9795291e0cac4e333586513d57de5285c9b';
    assert.equal(layerHash(identity), hash);
  });

  it('change with every part of the identity', () => {
    const changes: Partial<ComponentIdentity>[] = [
      ...[
        { name: 'net2' },
        { version: '1.2.1' },
        { settings: { arch: 'amd64' } },
        { options: { ipv6: false } },
      ],
      ...[{ tooling: sha256('x') }, { source: sha256('x') }, { provides: { sockets: '1.0.0' } }],
    ];
    const hashes = changes.map((change) => layerHash({ ...identity, ...change }));
    assert.equal(new Set([...hashes, layerHash(identity)]).size, changes.length + 1);
  });

  it('give variants their tags, which fit into 128 characters', () => {
    const hash = layerHash(identity);
    assert.match(variantTag('1.2.0', hash), /^1\.2\.0_[0-9a-f]{16}$/);
    assert.ok(variantTag(`1.0.0-${'a'.repeat(94)}`, hash).length <= 128);
  });
});
