import type { FoundVariant } from 'bunny-libos-namespace';
import type { Candidate } from 'bunny-libos-solver';
import { byText, type Options, own, type ToolingRules } from 'bunny-libos-spec';

/** What a variant must be to take part in a resolution at all. */
export interface Eligibility {
  rules: ToolingRules;
  /** Layer hash of the tooling layer: of several builds of one configuration, the one that it made is taken. */
  tooling: string;
  /** Layer hashes that a lock pins: they stay, also where the tooling layer has made the same anew. */
  pinned?: ReadonlySet<string> | undefined;
}

/** Variants that link with this tooling layer's objects; of several builds of one configuration, one. */
export function eligible<T extends FoundVariant>(variants: readonly T[], eligibility: Eligibility): T[] {
  const { rules, tooling, pinned } = eligibility;
  const chosen = new Map<string, T>();
  for (const variant of variants) {
    if (variant.abi !== rules.abi) continue;
    const { version, settings, options } = variant.identity;
    const isPinned = pinned?.has(variant.layerHash) ?? false;
    const configuration = JSON.stringify([version, sorted(settings), sorted(options), isPinned]);
    const other = chosen.get(configuration);
    if (other === undefined || better(variant, other, tooling)) chosen.set(configuration, variant);
  }
  return [...chosen.values()];
}

/** The solver's candidate for a variant; its id is the layer hash. */
export function candidateOf(
  variant: Pick<FoundVariant, 'identity' | 'layerHash' | 'deviations'>,
  yanked = false,
): Candidate {
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
    yanked,
  };
}

/** Whether all the wanted options have the wanted values. */
export function hasOptions(options: Options, wanted: Options | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => own(options, name) === value);
}

function better(left: FoundVariant, right: FoundVariant, tooling: string): boolean {
  const leftFits = left.identity.tooling === tooling;
  if (leftFits !== (right.identity.tooling === tooling)) return leftFits;
  return left.layerHash < right.layerHash;
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(byText(([name]) => name));
}
