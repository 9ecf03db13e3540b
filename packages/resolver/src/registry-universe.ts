import type { Candidate, Capability, Universe } from '@bunny/solver';
import { BunnyError, exitStatus, type Options, type ToolingRules } from '@bunny/spec';
import type { Bases } from './bases.js';
import { readVariants } from './component-repository.js';
import type { MetadataCache } from './metadata-cache.js';
import type { FoundVariant } from './variant.js';

export interface RegistryUniverseOptions {
  bases: Bases;
  framework: string;
  rules: ToolingRules;
  /** Layer hash of the tooling layer: among equal variants, those that it made are taken. */
  tooling: string;
  /** Options that components must have wherever they are in the closure: component -> options. */
  required?: Readonly<Record<string, Options>>;
  cache: MetadataCache;
  offline?: boolean;
  signal?: AbortSignal;
}

/**
 * The solver's view of a framework's namespace. A component is taken whole from the first base that has
 * it, so that a later registry cannot add versions to a name of an earlier one.
 */
export class RegistryUniverse implements Universe {
  readonly #options: RegistryUniverseOptions;
  readonly #variants = new Map<string, Promise<FoundVariant[] | undefined>>();
  readonly #candidates = new Map<string, Promise<Candidate[] | undefined>>();
  /** capability -> components seen to provide it, beyond those that the tooling layer names. */
  readonly #providers = new Map<string, Set<string>>();

  constructor(options: RegistryUniverseOptions) {
    this.#options = options;
  }

  candidates(name: string): Promise<Candidate[] | undefined> {
    let candidates = this.#candidates.get(name);
    if (candidates === undefined) {
      candidates = this.variants(name).then(
        (variants) => variants && this.#eligible(variants).map(candidateOf),
      );
      this.#candidates.set(name, candidates);
    }
    return candidates;
  }

  capability(name: string): Capability | undefined {
    const declared = Object.hasOwn(this.#options.rules.capabilities, name)
      ? this.#options.rules.capabilities[name]
      : undefined;
    const seen = this.#providers.get(name);
    if (declared === undefined && seen === undefined) return undefined;
    const providers = [...new Set([...(declared?.providers ?? []), ...(seen ?? [])])].sort();
    return declared?.default === undefined ? { providers } : { providers, default: declared.default };
  }

  prefetch(names: readonly string[]): void {
    for (const name of names) {
      // A failure shows when the candidates are asked for.
      if (this.capability(name) === undefined) this.candidates(name).catch(() => undefined);
    }
  }

  /** Reads these components now and notes what they provide, so that the user's own choices count as providers. */
  async learn(names: readonly string[]): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        if (this.capability(name) !== undefined) return;
        for (const candidate of (await this.candidates(name)) ?? []) {
          for (const capability of Object.keys(candidate.provides ?? {})) this.#note(capability, name);
        }
      }),
    );
  }

  /** All variants of a component with the base that holds them. Undefined where no base has it. */
  variants(name: string): Promise<FoundVariant[] | undefined> {
    let variants = this.#variants.get(name);
    if (variants === undefined) {
      variants = this.#read(name);
      this.#variants.set(name, variants);
    }
    return variants;
  }

  async #read(name: string): Promise<FoundVariant[] | undefined> {
    const { bases, framework, cache, offline, signal } = this.#options;
    for (const base of bases.references) {
      const variants = await readVariants(
        bases.repository(base, framework, name),
        { framework, name },
        { cache, ...(offline === undefined ? {} : { offline }), ...(signal === undefined ? {} : { signal }) },
      );
      if (variants !== undefined) return variants.map((variant) => ({ ...variant, from: base }));
    }
    return undefined;
  }

  /** Variants that link with this tooling layer's objects; of several builds of one configuration, one. */
  #eligible(variants: readonly FoundVariant[]): FoundVariant[] {
    const { rules, tooling, required = {} } = this.#options;
    const chosen = new Map<string, FoundVariant>();
    for (const variant of variants) {
      if (variant.abi !== rules.abi) continue;
      const { name, version, settings, options } = variant.identity;
      if (Object.hasOwn(required, name) && !hasOptions(options, required[name])) continue;
      const configuration = JSON.stringify([version, sorted(settings), sorted(options)]);
      const other = chosen.get(configuration);
      if (other === undefined || better(variant, other, tooling)) chosen.set(configuration, variant);
    }
    return [...chosen.values()];
  }

  #note(capability: string, provider: string): void {
    const providers = this.#providers.get(capability);
    if (providers === undefined) this.#providers.set(capability, new Set([provider]));
    else providers.add(provider);
  }
}

/** The solver's candidate for a variant; its id is the layer hash. */
export function candidateOf(variant: Pick<FoundVariant, 'identity' | 'layerHash' | 'deviations'>): Candidate {
  const { name, version, settings, options, dependencies, provides, conflicts } = variant.identity;
  return {
    name,
    version,
    id: variant.layerHash,
    settings,
    options,
    dependencies,
    provides,
    conflicts,
    deviations: variant.deviations,
  };
}

function hasOptions(options: Options, wanted: Options | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => options[name] === value);
}

function better(left: FoundVariant, right: FoundVariant, tooling: string): boolean {
  const leftFits = left.identity.tooling === tooling;
  if (leftFits !== (right.identity.tooling === tooling)) return leftFits;
  return left.layerHash < right.layerHash;
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** The error for a solver's failure. */
export function unsatisfiable(
  failure: { summary: string; lines: readonly string[]; suggestions: readonly string[] },
  where: string,
): BunnyError {
  return new BunnyError('BUNNY_ENOSOLUTION', failure.summary, {
    where,
    details: [...failure.lines],
    ...(failure.suggestions.length === 0 ? {} : { hint: failure.suggestions.join('\n') }),
    exitStatus: exitStatus.unsatisfiable,
  });
}
