import type { Descriptor, Index, Manifest } from './descriptor.js';
import { isIndex } from './manifest-validation.js';

/** By code unit of the digest, so that every reader sees one order. */
export function byDigest(a: Descriptor, b: Descriptor): number {
  return a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : 0;
}

/**
 * How a manifest is listed among the referrers of its subject (distribution-spec 1.1, "Listing
 * Referrers"): its descriptor with its artifact type (else the config's media type) and annotations.
 */
export function referrerDescriptor(descriptor: Descriptor, document: Manifest | Index): Descriptor {
  const { mediaType, digest, size } = descriptor;
  const artifactType = document.artifactType || (isIndex(document) ? undefined : document.config.mediaType);
  return {
    mediaType,
    digest,
    size,
    ...(artifactType && { artifactType }),
    ...(document.annotations && { annotations: document.annotations }),
  };
}
