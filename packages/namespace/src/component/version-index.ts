import {
  type Descriptor,
  indexType,
  pushBytes,
  type Target,
  type TransferOptions,
  writeUntilComplete,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus, variantTag } from 'bunny-libos-spec';
import { readDeprecation } from './deprecation.js';
import { indexDocument } from './index-document.js';
import { type IndexedVersion, readIndexedVersion } from './indexed-version.js';
import { indexEntry } from './push.js';
import { readStatements } from './statements.js';
import type { Variant } from './variant.js';
import { readVariant } from './variant-config.js';
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
      const tags = await target.tags(options);
      const wanted = tags.filter((tag) => versionOfVariantTag(tag) === version);
      const indexed = await readIndexedVersion(target, version, {
        ...options,
        orNone: true,
      });
      const { entries, statements } = indexed;
      const deprecation = await readDeprecation(target, tags, version, indexed.deprecation, options);
      const isSaid = deprecation?.number === indexed.deprecation?.number;
      const missing = wanted.filter((tag) => !entries.has(tag));
      const unstated = await readStatements(target, tags, version, statements, options);
      if (missing.length === 0 && unstated.size === 0 && isSaid) return undefined;
      const all = new Map([...statements, ...unstated]);
      return { entries: new Map(entries), missing, told: { statements: all, deprecation } };
    },
    write: async ({ entries, missing, told }) => {
      for (const tag of missing) {
        const variant = byTag.get(tag) ?? (await readVariant(target, tag, options));
        if (variant !== undefined) entries.set(tag, indexEntry(variant));
      }
      await writeIndex(target, version, [...entries.values()], told, options);
    },
    giveUp: () =>
      new BunnyError('BUNNY_EINDEX', `the index of ${version} is being changed by other publishers`, {
        where: `${target.name}:${version}`,
        hint: 'all variants are published; run `bunny index rebuild` when they are done',
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
    const statements = await readStatements(target, tags, version, new Map(), options);
    const deprecation = await readDeprecation(target, tags, version, undefined, options);
    await writeIndex(target, version, entries, { statements, deprecation }, options);
    await updateVersionIndex(target, version, [], options);
  }
  return versions;
}

async function writeIndex(
  target: Target,
  version: string,
  entries: readonly Descriptor[],
  { statements, deprecation }: Pick<IndexedVersion, 'statements' | 'deprecation'>,
  options: TransferOptions,
): Promise<void> {
  const subject = { of: version, where: `${target.name}:${version}` };
  const bytes = indexDocument(entries, subject, statements, deprecation);
  const descriptor = await pushBytes(target, indexType, bytes, {}, options);
  await target.tag(descriptor, version, options);
}
