import assert from 'node:assert/strict';
import fc from 'fast-check';
import { indexType, manifestType } from './descriptor.js';
import { isIndex, parseManifest } from './manifest-validation.js';

const digest = `sha256:${'0'.repeat(64)}`;
const blob = { mediaType: 'application/octet-stream', digest, size: 1 };
const manifest = { schemaVersion: 2, mediaType: manifestType, config: blob, layers: [blob] };
const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...blob, mediaType: manifestType }] };

const parse = (document: unknown, type?: string): unknown =>
  parseManifest(Buffer.from(JSON.stringify(document)), type, 'test');

describe('manifest validation', () => {
  it('accepts manifests and indexes, with or without their media type', () => {
    assert.deepEqual(parse(manifest), manifest);
    assert.deepEqual(parse(index, indexType), index);
    const { mediaType: _, ...untyped } = manifest;
    assert.deepEqual(parse(untyped, manifestType), manifest);
    assert.deepEqual(parse(untyped), manifest);
    assert.ok(isIndex(parseManifest(Buffer.from(JSON.stringify(index)), undefined, 'test')));
    parse({ ...manifest, subject: blob, artifactType: 'a/b', annotations: { x: 'y' } });
  });

  it('refuses what image-spec does not allow, naming the place', () => {
    const bad: [unknown, RegExp][] = [
      [[], /the document is not an object/],
      [null, /the document is not an object/],
      [{ ...manifest, schemaVersion: 1 }, /schemaVersion/],
      [{ ...manifest, mediaType: 'text/html' }, /neither/],
      [{ ...manifest, mediaType: 7 }, /mediaType/],
      [{ ...manifest, config: undefined }, /config/],
      [{ ...manifest, layers: {} }, /layers is not a list/],
      [{ ...manifest, layers: [{ ...blob, size: -1 }] }, /layers\[0\]\.size/],
      [{ ...manifest, layers: [{ ...blob, size: 1.5 }] }, /layers\[0\]\.size/],
      [{ ...manifest, layers: [{ ...blob, size: 1e300 }] }, /layers\[0\]\.size/],
      [{ ...manifest, layers: [{ ...blob, size: '1' }] }, /layers\[0\]\.size/],
      [{ ...manifest, layers: [{ ...blob, digest: 'sha256:../../etc/passwd' }] }, /layers\[0\]\.digest/],
      [{ ...manifest, layers: [{ ...blob, mediaType: 'no' }] }, /layers\[0\]\.mediaType/],
      [{ ...manifest, layers: [{ ...blob, data: 1 }] }, /layers\[0\]\.data/],
      [{ ...manifest, layers: [{ ...blob, annotations: { a: 1 } }] }, /annotations/],
      [{ ...manifest, layers: [{ ...blob, urls: [1] }] }, /urls/],
      [{ ...manifest, subject: 'x' }, /subject/],
      [{ ...manifest, annotations: ['x'] }, /annotations/],
      [{ ...manifest, artifactType: '', manifests: [] }, /manifests/],
      [{ ...index, layers: [] }, /layers/],
      [{ ...index, manifests: [{ ...blob, platform: { os: 'x' } }] }, /platform/],
    ];
    for (const [document, message] of bad) {
      assert.throws(() => parse(document), { code: 'BUNNY_EMANIFEST', message }, JSON.stringify(document));
    }
  });

  it('refuses a document that is served as something else', () => {
    assert.throws(() => parse(manifest, indexType), { code: 'BUNNY_EMANIFEST', message: /served as/ });
  });

  it('never lets anything but its own error out', () => {
    const key = fc.constantFrom(
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'size',
      'digest',
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        fc.constantFrom<unknown>(2, -1, null, true, manifestType, indexType, digest, blob),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(key, tie('node'), { maxKeys: 5 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (document) => {
        try {
          parse(document);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'BUNNY_EMANIFEST');
        }
      }),
      { numRuns: 300 },
    );
  });
});
