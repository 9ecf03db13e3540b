import { ComponentRepository, updateVersionIndex, type Variant } from 'bunny-libos-namespace';
import { joinReference } from 'bunny-libos-oci';
import {
  canonicalRepository,
  type Signer,
  type SigningKey,
  stateVariants,
  unstatedVariants,
} from 'bunny-libos-trust';
import type { LocalVariant } from '../plan/local-variant.js';
import type { PlannedVariant } from '../plan/plan.js';
import { isMadeHere } from './made-here.js';
import type { PublishVariantsOptions } from './publish-variants.js';

interface Version {
  name: string;
  version: string;
  /** Pushed in this run. */
  known: Variant[];
  /** Were there before. */
  present: LocalVariant[];
}

/**
 * Brings the indexes of all versions up to date that variants were pushed of. With a key it is stated first that they are
 * whose key it is, and with them those of an earlier run that ended before it could do so. Returns warnings.
 */
export async function updateIndexes(
  pushed: readonly { variant: LocalVariant; published: Variant }[],
  planned: readonly PlannedVariant[],
  options: PublishVariantsOptions,
): Promise<string[]> {
  const { bases, to, framework, signal, signingKey } = options;
  const warnings: string[] = [];
  for (const each of versionsOf(pushed, planned).values()) {
    const stated = signingKey === undefined ? 0 : await state(each, signingKey, options, warnings);
    if (each.known.length + stated > 0) {
      const target = bases.repository(to, framework, each.name);
      await updateVersionIndex(target, each.version, each.known, { signal });
    }
  }
  return warnings;
}

function versionsOf(
  pushed: readonly { variant: LocalVariant; published: Variant }[],
  planned: readonly PlannedVariant[],
): Map<string, Version> {
  const versions = new Map<string, Version>();
  const versionOf = ({ identity: { name, version } }: LocalVariant) => {
    const found = versions.get(`${name} ${version}`) ?? { name, version, known: [], present: [] };
    versions.set(`${name} ${version}`, found);
    return found;
  };
  for (const { variant, published } of pushed) versionOf(variant).known.push(published);
  for (const { variant, action } of planned)
    if (action === 'present') versionOf(variant).present.push(variant);
  return versions;
}

/** States what of a version was made here, in this run or one before, and nobody else's. Returns how many variants. */
async function state(
  each: Version,
  key: SigningKey | Signer,
  { bases, to, framework, store, rotations, signal }: PublishVariantsOptions,
  warnings: string[],
): Promise<number> {
  const { name, version, known, present } = each;
  const target = bases.repository(to, framework, name);
  const repository = canonicalRepository(joinReference(to, `${framework}/${name}`));
  const all = [...known];
  if (present.length > 0) {
    const hashes = new Set(present.map(({ layerHash }) => layerHash));
    const opened = await ComponentRepository.open(target, { framework, name }, { signal });
    const there = await opened.variants(version);
    for (const each of there) if (hashes.has(each.layerHash)) all.push(each);
  }
  const variants = all.map(({ manifest: { digest }, layerHash }) => ({ digest, layerHash }));
  const unsigned = await unstatedVariants(target, { repository, version, variants }, key, { signal });
  const isOurs = await Promise.all(unsigned.map(({ digest }) => isMadeHere(store, digest)));
  const ours = unsigned.filter((_, index) => isOurs[index]);
  await stateVariants(target, { repository, version, variants: ours }, key, { signal, rotations });
  const others = unsigned.length - ours.length;
  if (others > 0) {
    warnings.push(
      `${name} ${version}: not signed, as not made on this machine: ${others} of ${all.length} variants; where you ` +
        `vouch for them: \`bunny sign ${target.name}:${version} --form statement --key KEY\``,
    );
  }
  return ours.length;
}
