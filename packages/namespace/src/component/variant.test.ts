import assert from 'node:assert/strict';
import { annotations, BunnyError, type ComponentIdentity, canonicalJson, layerHash } from 'bunny-libos-spec';
import { variantOfIndexEntry } from './variant.js';

describe('an entry of an index', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const identity: ComponentIdentity = {
    schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
    framework: 'warren',
    name: 'net',
    version: '1.0.0',
    settings: {},
    options: {},
    dependencies: {},
    provides: {},
    conflicts: {},
    tooling: digest,
    source: digest,
  };
  const read = (layer: string) =>
    variantOfIndexEntry(
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: 1,
        annotations: {
          [annotations.identity]: canonicalJson(identity),
          [annotations.layerHash]: layerHash(identity),
          [annotations.abi]: 'warren-1',
          [annotations.layer]: layer,
        },
      },
      'host/warren/net:1.0.0',
    );

  it('names the layer of its variant', () => {
    assert.deepEqual(read(JSON.stringify({ digest, size: 7 }))?.layer, { digest, size: 7 });
  });

  it('is refused, whatever stands in the place of the layer', () => {
    const others = ['', '{', 'null', '7', '[]', '"text"', '{"digest":null}'];
    const wrong = [
      { digest, size: '7' },
      { digest, size: 0.5 },
      { digest: 'sha256:0', size: 7 },
    ];
    for (const text of [...others, ...wrong.map((each) => JSON.stringify(each))]) {
      assert.throws(
        () => read(text),
        (error) => error instanceof BunnyError && error.code === 'BUNNY_EMETADATA',
        text,
      );
    }
  });
});
