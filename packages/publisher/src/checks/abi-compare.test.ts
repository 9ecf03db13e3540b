import assert from 'node:assert/strict';
import type { ComponentConfig, ComponentIdentity } from 'bunny-libos-spec';
import { abiDifference, mayUse, sameConfiguration, usedOf } from './abi-compare.js';

function identity(name: string, version: string, more: Partial<ComponentIdentity> = {}): ComponentIdentity {
  return {
    schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
    framework: 'warren',
    name,
    version,
    settings: {},
    options: {},
    dependencies: {},
    provides: {},
    conflicts: {},
    tooling: '',
    source: '',
    ...more,
  };
}

function config(
  objects: { defined: string[]; undefined: string[] }[],
  scripted: string[] = [],
): ComponentConfig {
  return {
    schema: 'https://bunny-libos.github.io/schema/component-config/v1',
    identity: identity('net', '1.0.0'),
    layerHash: '',
    abi: 'warren-1',
    declares: {},
    objects: objects.map((each, index) => ({
      path: `objects/${index}.o`,
      digest: '',
      size: 0,
      text: 0,
      data: 0,
      bss: 0,
      ...each,
    })),
    headers: [],
    scripts: [{ path: 'scripts/extra/x.lds', digest: '', kind: 'extra', defined: scripted }],
    builtWith: [],
  };
}

describe('the comparison of what variants define', () => {
  it('counts objects and linker scripts, and not what moves between them', () => {
    const before = config([{ defined: ['a', 'b'], undefined: [] }], ['bounds']);
    const after = config([
      { defined: ['b', 'bounds'], undefined: [] },
      { defined: ['z', 'c'], undefined: [] },
    ]);
    assert.deepEqual(abiDifference(before, after), { added: ['c', 'z'], removed: ['a'] });
  });

  it('sees who uses a symbol, not who defines it for itself', () => {
    const user = config([
      { defined: ['own'], undefined: ['a', 'other'] },
      { defined: [], undefined: ['own'] },
    ]);
    assert.deepEqual(usedOf(['a', 'b', 'own'], user), ['a']);
  });

  it('pairs variants of one configuration, an option that one of them lacks left aside', () => {
    const amd = { settings: { arch: 'amd64' } };
    const plain = { identity: identity('net', '1.0.0', { ...amd, options: { ipv6: false } }) };
    const ipv6 = { identity: identity('net', '1.0.0', { ...amd, options: { ipv6: true } }) };
    const arm = { identity: identity('net', '1.0.0', { settings: { arch: 'arm64' } }) };
    const later = identity('net', '1.1.0', { ...amd, options: { ipv6: true, log: 2 } });
    assert.equal(sameConfiguration(later, [plain, arm, ipv6]), ipv6);
    assert.equal(sameConfiguration(later, [plain, arm]), undefined);
  });
});

describe('mayUse', () => {
  const provider = identity('net', '1.2.0', { provides: { sockets: '2.0.0' }, settings: { arch: 'amd64' } });
  const asks = (dependencies: ComponentIdentity['dependencies'], settings = {}) =>
    mayUse(identity('web', '1.0.0', { dependencies, settings }), provider, false);

  it('goes by name or capability, and range', () => {
    assert.equal(asks({ net: { version: '^1.0' } }), true);
    assert.equal(asks({ net: { version: '~1.1.0' } }), false);
    assert.equal(asks({ sockets: { version: '^2.0' } }), true);
    assert.equal(asks({ sockets: { version: '^1.0' } }), false);
    assert.equal(asks({ other: { version: '*' } }), false);
  });

  it('leaves out what cannot be in one image', () => {
    assert.equal(asks({ net: { version: '*' } }, { arch: 'arm64' }), false);
    assert.equal(asks({ net: { version: '*', when: { arch: 'arm64' } } }), false);
    assert.equal(asks({ net: { version: '*', when: { platform: 'qemu' } } }), true);
  });

  it('takes a base component for used by all but itself', () => {
    assert.equal(mayUse(identity('web', '1.0.0'), provider, true), true);
    assert.equal(mayUse(identity('net', '1.0.0'), provider, true), false);
  });
});
