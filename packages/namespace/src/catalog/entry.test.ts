import assert from 'node:assert/strict';
import {
  type ComponentConfig,
  type ComponentIdentity,
  layerHash,
  readCatalogEntry,
  sha256,
  variantTag,
} from 'bunny-libos-spec';
import type { Variant } from '../component/variant.js';
import { catalogEntry, covers, undescribedVariants } from './entry.js';

const component = { framework: 'warren', name: 'net' };

function variant(version: string, arch: string): Variant {
  const identity: ComponentIdentity = {
    schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
    ...component,
    version,
    settings: { arch },
    options: {},
    dependencies: {},
    provides: { sockets: '1.0.0' },
    conflicts: {},
    tooling: sha256('tooling'),
    source: sha256(version),
  };
  const blob = { digest: sha256('blob'), size: 1 };
  return {
    identity,
    layerHash: layerHash(identity),
    abi: 'warren-1',
    deviations: 0,
    manifest: blob,
    layer: blob,
  };
}

const tagOf = ({ identity, layerHash: hash }: Variant) => variantTag(identity.version, hash);

function config(of: Variant, defined: string[]): ComponentConfig {
  return {
    schema: 'https://bunny-libos.github.io/schema/component-config/v1',
    identity: of.identity,
    layerHash: of.layerHash,
    description: `net ${of.identity.version}`,
    abi: of.abi,
    declares: {},
    objects: [
      { path: 'objects/a.o', digest: '', size: 0, text: 0, data: 0, bss: 0, defined, undefined: ['memcpy'] },
    ],
    headers: [{ path: 'include/net/tcp.h', digest: '' }],
    scripts: [{ path: 'scripts/extra/a.lds', digest: '', kind: 'extra', defined: ['net_bounds'] }],
    builtWith: [],
  };
}

const amd = variant('1.1.0', 'amd64');
const arm = variant('1.1.0', 'arm64');
const old = variant('1.0.0', 'amd64');
const configs = new Map([
  [tagOf(amd), config(amd, ['tcp_listen', 'x86_checksum'])],
  [tagOf(arm), config(arm, ['tcp_listen'])],
]);
const entry = catalogEntry(component, [old, arm, amd], { configs });

describe('catalogEntry', () => {
  it('lists all versions, and what the newest of a range offers, by variant', () => {
    assert.deepEqual(
      entry.versions.map(({ version, variants }) => [version, variants.length]),
      [
        ['1.1.0', 2],
        ['1.0.0', 1],
      ],
    );
    const { contents, variants } = entry.versions[0] ?? {};
    assert.deepEqual(contents?.headers, [{ names: ['net/tcp.h'] }]);
    const position = variants?.findIndex(({ settings }) => settings.arch === 'amd64');
    assert.deepEqual(
      contents?.symbols.toSorted((a, b) => b.names.length - a.names.length),
      [{ names: ['net_bounds', 'tcp_listen'] }, { names: ['x86_checksum'], variants: [position] }],
    );
    assert.equal(entry.versions[1]?.contents, undefined);
    assert.equal(entry.description, 'net 1.1.0');
  });

  it('is the same in whatever order variants come, and is read back', () => {
    assert.deepEqual(catalogEntry(component, [amd, old, arm], { configs }), entry);
    assert.deepEqual(readCatalogEntry(Buffer.from(JSON.stringify(entry)), 'here'), entry);
  });

  it('asks for configs only of newest versions that are not described yet', () => {
    assert.deepEqual(undescribedVariants([old, amd, arm], {}).map(tagOf).sort(), [...configs.keys()].sort());
    assert.deepEqual(undescribedVariants([old, amd, arm], { previous: entry }), []);
    const next = variant('1.2.0', 'amd64');
    assert.deepEqual(undescribedVariants([old, amd, arm, next], { previous: entry }), [next]);
  });

  it('takes over what an earlier one says of unchanged versions', () => {
    const again = catalogEntry(component, [old, amd, arm], { configs: new Map(), previous: entry });
    assert.deepEqual(again, entry);
  });

  it('tells whether it covers the tags that there are', () => {
    const tags = [old, amd, arm].map(tagOf);
    assert.equal(covers(entry, tags), true);
    assert.equal(covers(entry, tags.slice(1)), false);
    assert.equal(covers(entry, [...tags, tagOf(variant('1.2.0', 'amd64'))]), false);
    const bare = catalogEntry(component, [old, amd, arm], { configs: new Map() });
    assert.equal(covers(bare, tags), false);
  });

  it('passes over what is yanked, and describes the newest of the others in its place', () => {
    const yanked = new Set(['1.1.0']);
    const previous = entry;
    assert.deepEqual(undescribedVariants([old, amd, arm], { previous, yanked }), [old]);
    const oldConfig = new Map([[tagOf(old), config(old, ['tcp_listen'])]]);
    const after = catalogEntry(component, [old, amd, arm], { configs: oldConfig, previous, yanked });
    assert.deepEqual(
      after.versions.map((each) => [each.version, each.yanked, each.contents !== undefined]),
      [
        ['1.1.0', true, false],
        ['1.0.0', undefined, true],
      ],
    );
    assert.equal(after.description, 'net 1.0.0');
    assert.deepEqual(readCatalogEntry(Buffer.from(JSON.stringify(after)), 'here'), after);

    const tags = [...[old, amd, arm].map(tagOf), '1.1.0_yank1'];
    assert.equal(covers(entry, tags), false);
    assert.equal(covers(after, tags), true);
    assert.equal(covers(after, [...tags, '1.1.0_yank2']), false);
    assert.equal(covers(entry, [...tags, '1.1.0_yank2']), true);
    const restored = catalogEntry(component, [old, amd, arm], { configs, previous: after });
    assert.deepEqual(restored, entry);
  });
});
