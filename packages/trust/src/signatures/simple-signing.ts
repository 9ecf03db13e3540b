import { annotations } from 'bunny-libos-spec';
import { type Claims, type Subject, Unusable } from './claims.js';
import { jsonObject, objectOf, optionalText } from './json-parts.js';

/** Simple signing (containers/image, "atomic signature"), as cosign 1 and 2 use it and skopeo checks it. */
export const simpleSigningType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const signatureType = 'cosign container image signature';

/** Bytes. A payload has some hundreds. */
export const largestPayload = 64 * 1024;

/** What is signed of a subject. */
export function writePayload({ digest, repository, layerHash }: Subject): Buffer {
  const critical = {
    identity: { 'docker-reference': repository },
    image: { 'docker-manifest-digest': digest },
    type: signatureType,
  };
  const optional = layerHash === undefined ? null : { [annotations.layerHash]: layerHash };
  return Buffer.from(JSON.stringify({ critical, optional }));
}

/** What a payload says of a digest. Throws Unusable where that is nothing. */
export function readPayload(bytes: Uint8Array, digest: string): Claims {
  const { critical, optional } = jsonObject(bytes, 'the payload', largestPayload);
  const { identity, image, type } = objectOf(critical, 'the critical part of the payload');
  if (type !== signatureType) throw new Unusable('the payload is no signature of an image');
  if (objectOf(image, 'the image of the payload')['docker-manifest-digest'] !== digest) {
    throw new Unusable('it is about another digest');
  }
  const name = objectOf(identity, 'the identity of the payload')['docker-reference'];
  const notes = objectOf(optional ?? {}, 'the optional part of the payload');
  return {
    digest,
    repository: withoutTag(optionalText(name, 'the name in the payload')),
    layerHash: optionalText(notes[annotations.layerHash], 'the layer hash in the payload'),
  };
}

/** podman signs for `host/path:tag`, cosign for `host/path`. */
function withoutTag(name: string | undefined): string | undefined {
  return name?.replace(/@.*$/, '').replace(/(\/[^/:]*):[^/:]*$/, '$1') || undefined;
}
