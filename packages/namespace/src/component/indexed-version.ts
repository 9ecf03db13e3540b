import { type Descriptor, type Index, isIndexType, type Target, type TransferOptions } from 'bunny-libos-oci';
import { variantTag } from 'bunny-libos-spec';
import { readIndex } from '../manifest/manifest.js';
import { type Deprecation, deprecationOfIndex } from './deprecation.js';
import { readStatements, statementsOfIndex } from './statements.js';
import { type Variant, variantOfIndexEntry } from './variant.js';

/** What the index of a version says, by tags. */
export interface IndexedVersion {
  variants: ReadonlyMap<string, Variant>;
  /** As they stand there. */
  entries: ReadonlyMap<string, Descriptor>;
  statements: ReadonlyMap<string, string>;
  /** Undefined where it says nothing of that. */
  deprecation?: Deprecation | undefined;
}

/** Where there is no index. */
export const unindexed: IndexedVersion = { variants: new Map(), entries: new Map(), statements: new Map() };

/**
 * Reads the index of a version: one request. Entries that do not tell all are left out. Throws BUNNY_EMETADATA and the
 * like where it is not well formed; with `orNone` that counts as no index, for whoever writes it anew.
 */
export async function readIndexedVersion(
  target: Target,
  version: string,
  { orNone = false, ...transfer }: TransferOptions & { orNone?: boolean } = {},
): Promise<IndexedVersion> {
  const found = await target.fetchManifest(version, transfer);
  if (found === undefined) return unindexed;
  const where = `${target.name}:${version}`;
  try {
    return indexedVersion(readIndex(found.bytes, found.descriptor.mediaType, where), version, where);
  } catch (error) {
    if (orNone) return unindexed;
    throw error;
  }
}

function indexedVersion(index: Index, version: string, where: string): IndexedVersion {
  const variants = new Map<string, Variant>();
  const entries = new Map<string, Descriptor>();
  for (const entry of index.manifests) {
    const variant = variantOfIndexEntry(entry, where);
    if (variant === undefined) continue;
    const tag = variantTag(variant.identity.version, variant.layerHash);
    variants.set(tag, variant);
    entries.set(tag, entry);
  }
  const deprecation = deprecationOfIndex(index);
  return { variants, entries, statements: statementsOfIndex(index, version), deprecation };
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
