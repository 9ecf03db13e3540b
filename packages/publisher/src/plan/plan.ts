import {
  type Bases,
  MetadataCache,
  readVariants,
  requireIndexFits,
  type TargetFilter,
  type Variant,
} from 'bunny-libos-namespace';
import type { Store } from 'bunny-libos-oci';
import { BunnyError, canonicalJson, exitStatus, type Scalar, type ToolingRules } from 'bunny-libos-spec';
import { buildOrder } from './build-order.js';
import type { LocalComponent } from './component-directory.js';
import { inFramework } from './in-framework.js';
import { requireLanguages } from './language-inputs.js';
import { type LocalVariant, targetsOf, variantLabel, variantsOf } from './local-variant.js';
import { shardOf } from './matrix.js';
import { publicHeaders } from './public-headers.js';
import { type SelectedFiles, selectFiles } from './selected-files.js';

export interface Shard {
  /** From 1. */
  index: number;
  count: number;
}

/** A tooling layer as far as a plan has to know it. */
export interface KnownTooling {
  rules: ToolingRules;
  /** Undefined where the root filesystem must be made first, and with it those of all variants. */
  layerHash: string | undefined;
}

/** Why hashes are not known. */
export const unmadeRoot = 'the root filesystem has not been made yet';

/** Stands for the hash of a tooling layer that is not known. No layer is published under what comes of it. */
const unknownHash = `sha256:${'0'.repeat(64)}`;

/** What happens to a variant, and why. */
export interface PlannedVariant {
  variant: LocalVariant;
  /** `unknown`: published, but whether with this tooling layer is not known. */
  action: 'build' | 'present' | 'leave' | 'unknown';
  reason: string;
  /** The registry has it. */
  published: boolean;
  /** What it is made from; told of what is to be built. */
  files?: SelectedFiles | undefined;
}

export interface PublishPlan {
  framework: string;
  /** Base reference that is published to. */
  to: string;
  tooling: KnownTooling & { action: 'push' | 'present' | 'use' | 'unknown'; reason: string };
  /** In build order. */
  variants: readonly PlannedVariant[];
}

export interface PlanOptions {
  framework: string;
  /** Base reference. */
  to: string;
  bases: Bases;
  store: Store;
  filter: TargetFilter;
  shard?: Shard | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Plans what of these components is missing on the registry: one request for each variant. Nothing is
 * compiled or written. Throws BUNNY_ECYCLE, BUNNY_ELIMIT where a version has more variants than its index can list, what `variantsOf`, `selectFiles`, `requireLanguages` and `publicHeaders` throw, and
 * BUNNY_EPUBLISHED where a version is there already with the same configuration but made from something else.
 */
export async function planVariants(
  components: readonly LocalComponent[],
  tooling: KnownTooling,
  options: PlanOptions,
): Promise<PlannedVariant[]> {
  const own = components.map((local) => inFramework(local, tooling.rules));
  const variants = buildOrder(own).flatMap((local) =>
    variantsOf(local, tooling.rules, tooling.layerHash ?? unknownHash),
  );
  requireIndexes(variants, new Map(), tooling.rules);
  const wanted = variants.filter((variant) => isWanted(variant, options.filter));
  const mine = new Set(shardOf(wanted, options.shard));
  const isKnown = tooling.layerHash !== undefined;
  const present = isKnown
    ? await Promise.all(variants.map((variant) => isPresent(variant, options)))
    : await havePublishedTwins(variants, options);
  const plan = variants.map((variant, index): PlannedVariant => {
    const published = present[index] ?? false;
    const what = isKnown ? variant.tag : variantLabel(variant);
    if (!wanted.includes(variant)) return { variant, action: 'leave', reason: 'not asked for', published };
    if (published && !isKnown) return { variant, action: 'unknown', reason: unmadeRoot, published };
    if (published) return { variant, action: 'present', reason: `${what} is published`, published };
    if (!mine.has(variant))
      return { variant, action: 'leave', reason: 'another shard publishes it', published };
    return { variant, action: 'build', reason: `${what} is missing`, published };
  });
  const missing = plan.filter(({ action }) => action === 'build').map(({ variant }) => variant);
  const open = plan.filter(({ action }) => action === 'unknown').map(({ variant }) => variant);
  const files = new Map(
    await Promise.all(missing.map(async (variant) => [variant, await selectFiles(variant)] as const)),
  );
  for (const [variant, selected] of files) {
    requireLanguages(variant, selected, targetsOf(variant, tooling.rules));
  }
  await Promise.all(missing.map(publicHeaders));
  const there = await publishedVariants([...missing, ...open], options);
  requireUnpublished([...missing, ...open], there);
  requireIndexes(missing, there, tooling.rules);
  return plan.map((planned) => {
    const selected = files.get(planned.variant);
    return selected === undefined ? planned : { ...planned, files: selected };
  });
}

function isWanted(variant: LocalVariant, filter: TargetFilter): boolean {
  const { settings } = variant.identity;
  return includes(filter.arch, settings.arch) && includes(filter.platform, settings.platform);
}

/** A variant that a setting does not affect belongs to every value of it. */
function includes(allowed: readonly string[] | undefined, value: Scalar | undefined): boolean {
  return (
    allowed === undefined || allowed.length === 0 || value === undefined || allowed.includes(String(value))
  );
}

async function isPresent(variant: LocalVariant, options: PlanOptions): Promise<boolean> {
  const { framework, name } = variant.identity;
  const target = options.bases.repository(options.to, framework, name);
  return (await target.resolve(variant.tag, transferOf(options))) !== undefined;
}

/** For each variant whether its configuration is published, whichever tooling layer made it. */
async function havePublishedTwins(
  variants: readonly LocalVariant[],
  options: PlanOptions,
): Promise<boolean[]> {
  const published = await publishedVariants(variants, options);
  return variants.map(
    (variant) => published.get(variant.identity.name)?.some((each) => isTwin(variant, each)) ?? false,
  );
}

/** Component -> its variants on the registry. */
async function publishedVariants(
  variants: readonly LocalVariant[],
  { bases, to, framework, store, ...options }: PlanOptions,
): Promise<ReadonlyMap<string, readonly Variant[]>> {
  const names = [...new Set(variants.map(({ identity }) => identity.name))];
  const cache = MetadataCache.of(store);
  const read = async (name: string) => {
    const target = bases.repository(to, framework, name);
    const found = await readVariants(target, { framework, name }, { cache, ...transferOf(options) });
    return [name, found ?? []] as const;
  };
  return new Map(await Promise.all(names.map(read)));
}

/** A published version never changes meaning. */
function requireUnpublished(
  missing: readonly LocalVariant[],
  published: ReadonlyMap<string, readonly Variant[]>,
): void {
  const conflicts = missing.flatMap((variant) => {
    const others = published.get(variant.identity.name) ?? [];
    const other = others.find((each) => contradicts(variant, each));
    return other === undefined ? [] : [{ variant, published: other }];
  });
  const [first] = conflicts;
  if (first === undefined) return;
  const { name, version } = first.variant.identity;
  throw new BunnyError(
    'BUNNY_EPUBLISHED',
    `${name} ${version} is published already, made from something else`,
    {
      where: first.variant.local.document.at(['version']),
      details: conflicts.map(
        ({ variant, published }) =>
          `${variantLabel(variant)}: differs in ${differences(variant, published).map(partName).join(', ')} from ${published.layerHash}`,
      ),
      hint: 'a published version never changes meaning: give the component a new version',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/** Each version is told of in one index, beside what is published of it. */
function requireIndexes(
  variants: readonly LocalVariant[],
  published: ReadonlyMap<string, readonly Variant[]>,
  { abi }: ToolingRules,
): void {
  for (const local of new Set(variants.map((variant) => variant.local))) {
    const { document } = local;
    const { name, version } = document.value;
    const others = (published.get(name) ?? []).filter(({ identity }) => identity.version === version);
    const planned = variants.filter((variant) => variant.local === local);
    requireIndexFits(planned, others, abi, { of: `${name} ${version}`, where: document.keyAt(['matrix']) });
  }
}

/** Same version and configuration, but not the same thing. Another tooling layer may build the same again. */
function contradicts(variant: LocalVariant, published: Variant): boolean {
  return isTwin(variant, published) && differences(variant, published).length > 0;
}

/** Same version and configuration. */
function isTwin({ identity }: LocalVariant, { identity: other }: Variant): boolean {
  return (
    identity.version === other.version &&
    canonicalJson(identity.settings) === canonicalJson(other.settings) &&
    canonicalJson(identity.options) === canonicalJson(other.options)
  );
}

function differences(variant: LocalVariant, published: Variant): string[] {
  const parts = ['dependencies', 'provides', 'conflicts', 'source'] as const;
  return parts.filter(
    (part) => canonicalJson(variant.identity[part]) !== canonicalJson(published.identity[part]),
  );
}

/** A part of an identity in the words of component.yaml. */
function partName(part: string): string {
  return part === 'source' ? 'its files, or in how they are compiled,' : part;
}

/** The plan as one JSON document. Hashes that are not known yet are null. */
export function planDocument(plan: PublishPlan): unknown {
  return {
    framework: plan.framework,
    to: plan.to,
    tooling: {
      version: plan.tooling.rules.version,
      layerHash: plan.tooling.layerHash ?? null,
      action: plan.tooling.action,
      reason: plan.tooling.reason,
    },
    variants: plan.variants.map(({ variant, action, reason, files }) => ({
      name: variant.identity.name,
      version: variant.identity.version,
      settings: variant.identity.settings,
      options: variant.identity.options,
      ...(plan.tooling.layerHash === undefined
        ? { layerHash: null, tag: null }
        : { layerHash: variant.layerHash, tag: variant.tag }),
      action,
      reason,
      ...(files && filesDocument(files)),
    })),
  };
}

function filesDocument({ sources, prebuilt }: SelectedFiles): object {
  if (prebuilt.length > 0) return { objects: prebuilt };
  return { sources: sources.map(({ path, include, defines, flags }) => ({ path, include, defines, flags })) };
}

/** What carrying a plan out may yet refuse, as only compiling tells it; nothing where nothing is to be compiled. */
export function leftToCompiling({ variants }: PublishPlan): readonly string[] {
  if (!variants.some(({ action }) => action === 'build')) return [];
  return [
    'whether the sources compile',
    'whether each symbol that is used is defined by a declared dependency, and none twice',
    'whether symbols are gone that dependents of compatible versions use',
  ];
}

function transferOf(options: { signal?: AbortSignal | undefined }): { signal: AbortSignal | undefined } {
  return { signal: options.signal };
}
