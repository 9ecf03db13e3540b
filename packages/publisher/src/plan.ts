import type { Store } from '@bunny/oci';
import { type Bases, MetadataCache, readVariants, type TargetFilter, type Variant } from '@bunny/resolver';
import { BunnyError, canonicalJson, exitStatus, type Scalar, type ToolingDocument } from '@bunny/spec';
import { buildOrder } from './build-order.js';
import type { LocalComponent } from './component-directory.js';
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

/** What happens to a variant, and why. */
export interface PlannedVariant {
  variant: LocalVariant;
  action: 'build' | 'present' | 'leave';
  reason: string;
  /** The registry has it. */
  published: boolean;
  /** What it is made from; told of what is to be built. */
  files?: SelectedFiles;
}

export interface PublishPlan {
  framework: string;
  /** Base reference that is published to. */
  to: string;
  tooling: { document: ToolingDocument; action: 'push' | 'present' | 'use'; reason: string };
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
  shard?: Shard;
  signal?: AbortSignal;
}

/**
 * Plans what of these components is missing on the registry: one request for each variant. Nothing is
 * compiled or written. Throws BUNNY_ECYCLE, what `variantsOf`, `selectFiles`, `requireLanguages` and `publicHeaders` throw, and
 * BUNNY_EPUBLISHED where a version is there already with the same configuration but made from something else.
 */
export async function planVariants(
  components: readonly LocalComponent[],
  tooling: ToolingDocument,
  options: PlanOptions,
): Promise<PlannedVariant[]> {
  const variants = buildOrder(components).flatMap((local) =>
    variantsOf(local, tooling.rules, tooling.layerHash),
  );
  const wanted = variants.filter((variant) => isWanted(variant, options.filter));
  const mine = new Set(shardOf(wanted, options.shard));
  const present = await Promise.all(variants.map((variant) => isPresent(variant, options)));
  const plan = variants.map((variant, index): PlannedVariant => {
    const published = present[index] ?? false;
    const { tag } = variant;
    if (!wanted.includes(variant)) return { variant, action: 'leave', reason: 'not asked for', published };
    if (published) return { variant, action: 'present', reason: `${tag} is published`, published };
    if (!mine.has(variant))
      return { variant, action: 'leave', reason: 'another shard publishes it', published };
    return { variant, action: 'build', reason: `${tag} is missing`, published };
  });
  const missing = plan.filter(({ action }) => action === 'build').map(({ variant }) => variant);
  const files = new Map(
    await Promise.all(missing.map(async (variant) => [variant, await selectFiles(variant)] as const)),
  );
  for (const [variant, selected] of files) {
    requireLanguages(variant, selected, targetsOf(variant, tooling.rules));
  }
  await Promise.all(missing.map(publicHeaders));
  await requireUnpublished(missing, options);
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

/** A published version never changes meaning. */
async function requireUnpublished(missing: readonly LocalVariant[], options: PlanOptions): Promise<void> {
  const byComponent = new Map<string, LocalVariant[]>();
  for (const variant of missing) {
    const { name } = variant.identity;
    byComponent.set(name, [...(byComponent.get(name) ?? []), variant]);
  }
  const conflicts: { variant: LocalVariant; published: Variant }[] = [];
  await Promise.all(
    [...byComponent].map(async ([name, variants]) => {
      const target = options.bases.repository(options.to, options.framework, name);
      const published = await readVariants(
        target,
        { framework: options.framework, name },
        { cache: MetadataCache.of(options.store), ...transferOf(options) },
      );
      for (const variant of variants) {
        const other = published?.find((each) => contradicts(variant, each));
        if (other !== undefined) conflicts.push({ variant, published: other });
      }
    }),
  );
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

/** Same version and configuration, but not the same thing. Another tooling layer may build the same again. */
function contradicts(variant: LocalVariant, published: Variant): boolean {
  const { version, settings, options } = variant.identity;
  const other = published.identity;
  return (
    version === other.version &&
    canonicalJson(settings) === canonicalJson(other.settings) &&
    canonicalJson(options) === canonicalJson(other.options) &&
    differences(variant, published).length > 0
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

/** The plan as one JSON document. */
export function planDocument(plan: PublishPlan): unknown {
  return {
    framework: plan.framework,
    to: plan.to,
    tooling: {
      version: plan.tooling.document.rules.version,
      layerHash: plan.tooling.document.layerHash,
      action: plan.tooling.action,
      reason: plan.tooling.reason,
    },
    variants: plan.variants.map(({ variant, action, reason, files }) => ({
      name: variant.identity.name,
      version: variant.identity.version,
      settings: variant.identity.settings,
      options: variant.identity.options,
      layerHash: variant.layerHash,
      tag: variant.tag,
      action,
      reason,
      ...(files === undefined ? {} : filesDocument(files)),
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

function transferOf(options: { signal?: AbortSignal }): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
