import assert from 'node:assert/strict';
import { type Component, readComponent, type ToolingRules } from 'bunny-libos-spec';
import fc from 'fast-check';
import { configurations, shardOf } from './matrix.js';

const rules = {
  targets: [
    { arch: 'amd64', platform: 'qemu' },
    { arch: 'arm64', platform: 'qemu' },
    { arch: 'amd64', platform: 'linuxu' },
  ],
} as unknown as ToolingRules;

function component(text: string): Component {
  const head = 'framework: warren\nname: net\nversion: 1.0.0\nsources: [a.c]\n';
  return readComponent(head + text, 'component.yaml').value;
}

describe('configurations', () => {
  it('is the product of settings and option rows, defaults filled in', () => {
    const net = component(`
options: { ipv6: { type: boolean, default: false }, mtu: { type: integer, default: 1500 } }
matrix: { arch: [amd64, arm64], platform: [qemu], options: [{}, { ipv6: true }] }`);
    assert.deepEqual(
      configurations(net, rules).map(({ settings, options }) => [settings.arch, options.ipv6, options.mtu]),
      [
        ['amd64', false, 1500],
        ['amd64', true, 1500],
        ['arm64', false, 1500],
        ['arm64', true, 1500],
      ],
    );
  });

  it('leaves out what no target could use', () => {
    const plat = component('matrix: { arch: [amd64, arm64], platform: [qemu, linuxu] }');
    assert.deepEqual(
      configurations(plat, rules).map(({ settings }) => `${settings.arch}/${settings.platform}`),
      ['amd64/qemu', 'amd64/linuxu', 'arm64/qemu'],
    );
  });

  it('leaves out what `only` does not name', () => {
    const net = component(`
options: { ipv6: { type: boolean, default: false } }
matrix:
  arch: [amd64, x86_64, aarch64]
  platform: [qemu, linuxu]
  options: [{}, { ipv6: true }]
  only: [{ platform: linuxu, ipv6: true }, { arch: aarch64, platform: [qemu, linuxu], ipv6: false }]`);
    assert.deepEqual(
      configurations(net, rules).map(({ settings, options }) => [...Object.values(settings), options.ipv6]),
      [
        ['amd64', 'linuxu', true],
        ['arm64', 'qemu', false],
      ],
    );
  });

  it('names only the settings that affect the objects, and a row once', () => {
    const libc = component(`
affectedBy: [arch]
options: { debug: { type: boolean, default: false } }
matrix: { arch: [amd64], options: [{}, { debug: false }] }`);
    assert.deepEqual(configurations(libc, rules), [
      { settings: { arch: 'amd64' }, options: { debug: false } },
    ]);
  });
});

describe('shardOf', () => {
  it('divides a list into disjoint parts that make up the whole, for any number of machines', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, count) => {
        const parts = Array.from({ length: count }, (_, index) =>
          shardOf(items, { index: index + 1, count }),
        );
        assert.deepEqual(new Set(parts.flat()), new Set(items));
        assert.equal(parts.flat().length, items.length);
        const sizes = parts.map((part) => part.length);
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }),
    );
  });
});
