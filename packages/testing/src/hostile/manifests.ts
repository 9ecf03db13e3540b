import { indexType, manifestType } from 'bunny-libos-oci';

const digest = `sha256:${'0'.repeat(64)}`;
const blob = { mediaType: 'application/octet-stream', digest, size: 1 };
const manifest = { schemaVersion: 2, mediaType: manifestType, config: blob, layers: [blob] };
const json = (document: unknown): Buffer => Buffer.from(JSON.stringify(document));

function refused(bytes: Buffer): { code: string; bytes: () => Buffer } {
  return { code: 'BUNNY_EMANIFEST', bytes: () => bytes };
}

/** Documents that must be refused as manifests: name -> code and bytes; what `fixtures/hostile` holds. */
export const hostileManifests: Readonly<Record<string, { code: string; bytes: () => Buffer }>> = {
  empty: refused(Buffer.alloc(0)),
  'not-json': refused(Buffer.from('<html>')),
  'not-utf-8': refused(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d])),
  'not-an-object': refused(Buffer.from('[]')),
  'cut-off': refused(json(manifest).subarray(0, 100)),
  'schema-version-1': refused(json({ ...manifest, schemaVersion: 1 })),
  'duplicate-key': refused(
    Buffer.from(
      `{"schemaVersion":2,"layers":[],"config":${JSON.stringify(blob)},"layers":[${JSON.stringify(blob)}]}`,
    ),
  ),
  'duplicate-key-escaped': refused(
    Buffer.from(`{"schemaVersion":2,"layers":[],"config":${JSON.stringify(blob)},"\\u006cayers":[]}`),
  ),
  'negative-size': refused(json({ ...manifest, layers: [{ ...blob, size: -1 }] })),
  'fractional-size': refused(json({ ...manifest, layers: [{ ...blob, size: 0.5 }] })),
  'unsafe-size': refused(json({ ...manifest, layers: [{ ...blob, size: 2 ** 60 }] })),
  'text-size': refused(json({ ...manifest, layers: [{ ...blob, size: '1' }] })),
  'bad-digest': refused(json({ ...manifest, layers: [{ ...blob, digest: 'sha256:../../../etc/passwd' }] })),
  'unknown-digest-algorithm': refused(
    json({ ...manifest, layers: [{ ...blob, digest: `md5:${'0'.repeat(32)}` }] }),
  ),
  'bad-media-type': refused(json({ ...manifest, layers: [{ ...blob, mediaType: 'x\r\nHost: y' }] })),
  'unknown-media-type': refused(json({ ...manifest, mediaType: 'text/plain' })),
  'manifest-and-index': refused(json({ ...manifest, mediaType: indexType, manifests: [] })),
  'index-and-manifest': refused(json({ ...manifest, manifests: [] })),
  'no-config': refused(json({ ...manifest, config: null })),
  'layers-not-a-list': refused(json({ ...manifest, layers: { length: 1, 0: blob } })),
  'prototype-key': refused(Buffer.from('{"__proto__":{"schemaVersion":2,"layers":[]}}')),
  deep: refused(Buffer.from(`{"schemaVersion":2,"annotations":${'['.repeat(1000)}`)),
};
