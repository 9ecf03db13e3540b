import { type Index, isIndex, type Manifest, parseManifest } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** Reads bytes that should be an image manifest. Throws BUNNY_EMANIFEST, BUNNY_EMETADATA. */
export function readManifest(bytes: Uint8Array, mediaType: string, where: string): Manifest {
  const document = parseManifest(bytes, mediaType, where);
  if (isIndex(document)) throw unexpected('an image index, not a manifest', where);
  return document;
}

/** Reads bytes that should be an image index. Throws BUNNY_EMANIFEST, BUNNY_EMETADATA. */
export function readIndex(bytes: Uint8Array, mediaType: string, where: string): Index {
  const document = parseManifest(bytes, mediaType, where);
  if (!isIndex(document)) throw unexpected('an image manifest, not an index', where);
  return document;
}

function unexpected(what: string, where: string): BunnyError {
  return new BunnyError('BUNNY_EMETADATA', `this is ${what}`, {
    where,
    hint: 'another tool pushed to this tag; remove it or publish under another namespace',
    exitStatus: exitStatus.registry,
  });
}
