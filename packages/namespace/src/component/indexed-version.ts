import type { Target } from 'bunny-libos-oci';
import { variantTag } from 'bunny-libos-spec';
import { readIndex } from '../manifest/manifest.js';
import { statementsOfIndex } from './statements.js';
import { type Variant, variantOfIndexEntry } from './variant.js';

/** What the index of a version says, by tags. */
export interface IndexedVersion {
  variants: ReadonlyMap<string, Variant>;
  statements: ReadonlyMap<string, string>;
}

/** Reads the index of a version: one request. Entries that do not tell all are left out. Throws BUNNY_EMETADATA. */
export async function readIndexedVersion(
  target: Target,
  version: string,
  transfer: { signal?: AbortSignal | undefined },
): Promise<IndexedVersion> {
  const found = await target.fetchManifest(version, transfer);
  const variants = new Map<string, Variant>();
  if (found === undefined) return { variants, statements: new Map() };
  const where = `${target.name}:${version}`;
  const index = readIndex(found.bytes, found.descriptor.mediaType, where);
  for (const entry of index.manifests) {
    const variant = variantOfIndexEntry(entry, where);
    if (variant === undefined) continue;
    variants.set(variantTag(variant.identity.version, variant.layerHash), variant);
  }
  return { variants, statements: statementsOfIndex(index, version) };
}
