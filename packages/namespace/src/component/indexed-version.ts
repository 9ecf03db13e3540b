import { isIndexType, type Target, type TransferOptions } from 'bunny-libos-oci';
import { variantTag } from 'bunny-libos-spec';
import { readIndex } from '../manifest/manifest.js';
import { readStatements, statementsOfIndex } from './statements.js';
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
  transfer: TransferOptions,
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

/**
 * The signed statements about the variants of a version that its index has, by their tags: one request. None where there is
 * no index, or something else in its place.
 */
export async function indexedStatements(
  target: Target,
  version: string,
  options: TransferOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const found = await target.fetchManifest(version, options);
  if (found === undefined || !isIndexType(found.descriptor.mediaType)) return new Map();
  const index = readIndex(found.bytes, found.descriptor.mediaType, `${target.name}:${version}`);
  return statementsOfIndex(index, version);
}

/** All signed statements about the variants of a version, by their tags: two requests where the index has them all. */
export async function statementsOf(
  target: Target,
  version: string,
  options: TransferOptions = {},
): Promise<Map<string, string>> {
  const tags = await target.tags(options);
  const statements = await indexedStatements(target, version, options);
  return new Map([...statements, ...(await readStatements(target, tags, version, statements, options))]);
}
