import {
  type Descriptor,
  indexType,
  pushBytes,
  type Target,
  type TransferOptions,
  writeUntilComplete,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus, variantTag } from 'bunny-libos-spec';
import { readIndex } from '../manifest/manifest.js';
import { indexDocument } from './index-document.js';
import { indexEntry } from './push.js';
import { readVariant } from './repository.js';
import { type Variant, variantOfIndexEntry } from './variant.js';
import { versionOfVariantTag } from './variant-tag.js';

/**
 * Brings the index of a version up to date with its variant tags, which are the truth: adds what
 * it lacks, whoever else writes it.
 * `known` saves asking for variants that were just pushed. Throws BUNNY_EINDEX where others keep overwriting it,
 * BUNNY_ELIMIT where it is too large.
 */
export async function updateVersionIndex(
  target: Target,
  version: string,
  known: readonly Variant[] = [],
  options: TransferOptions = {},
): Promise<void> {
  const byTag = new Map(known.map((variant) => [variantTag(version, variant.layerHash), variant]));
  await writeUntilComplete({
    look: async () => {
      const wanted = (await target.tags(options)).filter((tag) => versionOfVariantTag(tag) === version);
      const entries = await currentEntries(target, version, options);
      const missing = wanted.filter((tag) => !entries.has(tag));
      return missing.length === 0 ? undefined : { entries, missing };
    },
    write: async ({ entries, missing }) => {
      for (const tag of missing) {
        const variant = byTag.get(tag) ?? (await readVariant(target, tag, options));
        if (variant !== undefined) entries.set(tag, indexEntry(variant));
      }
      await writeIndex(target, version, [...entries.values()], options);
    },
    giveUp: () =>
      new BunnyError('BUNNY_EINDEX', `the index of ${version} keeps changing under other publishers`, {
        where: `${target.name}:${version}`,
        hint: 'all variants are published; run `bunny index rebuild` when the others are done',
        exitStatus: exitStatus.registry,
      }),
  });
}

/** Writes the index of every version anew from the variant tags. Returns the versions. */
export async function rebuildVersionIndexes(
  target: Target,
  options: TransferOptions = {},
): Promise<string[]> {
  const tags = await target.tags(options);
  const versions = [...new Set(tags.flatMap((tag) => versionOfVariantTag(tag) ?? []))].sort();
  for (const version of versions) {
    const entries: Descriptor[] = [];
    for (const tag of tags.filter((each) => versionOfVariantTag(each) === version)) {
      const variant = await readVariant(target, tag, options);
      if (variant !== undefined) entries.push(indexEntry(variant));
    }
    await writeIndex(target, version, entries, options);
    await updateVersionIndex(target, version, [], options);
  }
  return versions;
}

/** What the index holds, by variant tag. An index that cannot be read counts as empty: it is derived. */
async function currentEntries(
  target: Target,
  version: string,
  options: TransferOptions,
): Promise<Map<string, Descriptor>> {
  const entries = new Map<string, Descriptor>();
  const found = await target.fetchManifest(version, options);
  if (found === undefined) return entries;
  const where = `${target.name}:${version}`;
  try {
    for (const entry of readIndex(found.bytes, found.descriptor.mediaType, where).manifests) {
      const variant = variantOfIndexEntry(entry, where);
      if (variant !== undefined) entries.set(variantTag(version, variant.layerHash), entry);
    }
  } catch {
    entries.clear();
  }
  return entries;
}

async function writeIndex(
  target: Target,
  version: string,
  entries: readonly Descriptor[],
  options: TransferOptions,
): Promise<void> {
  const bytes = indexDocument(entries, { of: version, where: `${target.name}:${version}` });
  const descriptor = await pushBytes(target, indexType, bytes, {}, options);
  await target.tag(descriptor, version, options);
}
