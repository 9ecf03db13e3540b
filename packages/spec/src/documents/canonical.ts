import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ComponentIdentity } from './component.js';
import type { ToolingIdentity } from './tooling.js';

/** The canonical JSON of a value (RFC 8785). */
export function canonicalJson(value: unknown): string {
  const text = (canonicalize as unknown as (value: unknown) => string | undefined)(value);
  if (text === undefined) throw new TypeError('the value has no JSON form');
  return text;
}

/** `sha256:<hex>` of bytes or UTF-8 text, as OCI writes digests. */
export function sha256(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** The name of a variant or tooling layer, known before it is built. */
export function layerHash(identity: ComponentIdentity | ToolingIdentity): string {
  return sha256(canonicalJson(identity));
}

/** The immutable tag of one variant: `<version>_<first 16 hex digits of the layer hash>`. */
export function variantTag(version: string, hash: string): string {
  return `${version}_${hash.slice('sha256:'.length, 'sha256:'.length + 16)}`;
}
