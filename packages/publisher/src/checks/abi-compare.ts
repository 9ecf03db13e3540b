import { definedNames, neededNames } from 'bunny-libos-namespace';
import { type ComponentConfig, type ComponentIdentity, holds, own, type Scalar } from 'bunny-libos-spec';
import semver from 'semver';

/** What two variants define differently. Sorted by code unit. */
export interface AbiDifference {
  added: readonly string[];
  removed: readonly string[];
}

/** Who uses a symbol: one component-version. */
export interface SymbolUser {
  symbol: string;
  component: string;
  version: string;
}

/** A variant whose metadata is at hand, and whose config can be had. */
export interface AbiSubject {
  identity: ComponentIdentity;
  layerHash: string;
  config: () => Promise<ComponentConfig>;
  /** Descriptions of its types, as its framework's rules make them. */
  types: () => Promise<readonly string[]>;
}

/** Compares what two variants define, by their objects and their linker scripts. */
export function abiDifference(before: ComponentConfig, after: ComponentConfig): AbiDifference {
  const [old, now] = [definedNames(before), definedNames(after)];
  return {
    added: [...now].filter((symbol) => !old.has(symbol)).sort(),
    removed: [...old].filter((symbol) => !now.has(symbol)).sort(),
  };
}

/**
 * The candidate of the same configuration: no setting and no option that both have differs. Of several, the
 * one that shares most of both. Undefined where there is none.
 */
export function sameConfiguration<T extends { identity: ComponentIdentity }>(
  identity: ComponentIdentity,
  candidates: readonly T[],
): T | undefined {
  const fitting = candidates.filter(
    ({ identity: other }) =>
      agree(identity.settings, other.settings) && agree(identity.options, other.options),
  );
  const shared = ({ identity: other }: T) =>
    [...Object.keys(other.settings), ...Object.keys(other.options)].filter(
      (name) => Object.hasOwn(identity.settings, name) || Object.hasOwn(identity.options, name),
    ).length;
  return [...fitting].sort((left, right) => shared(right) - shared(left))[0];
}

/**
 * Whether a variant may be linked with this provider: its settings agree, and it asks for the provider or a
 * capability of it by a range that the provider satisfies, or gets it in any case, as a base component.
 */
export function mayUse(user: ComponentIdentity, provider: ComponentIdentity, isBase: boolean): boolean {
  if (user.name === provider.name || !agree(user.settings, provider.settings)) return false;
  const facts = { ...provider.settings, ...user.settings, ...user.options };
  const isAsked = Object.entries(user.dependencies).some(([name, { version: range, when, options }]) => {
    const version = name === provider.name ? provider.version : own(provider.provides, name);
    return (
      version !== undefined &&
      semver.satisfies(version, range, { includePrerelease: true }) &&
      agree(options ?? {}, provider.options) &&
      (when === undefined || holds(onlyKnown(when, facts), facts))
    );
  });
  return isAsked || isBase;
}

/** Which of these symbols a variant uses without defining them itself. Sorted. */
export function usedOf(symbols: readonly string[], user: ComponentConfig): string[] {
  const needed = neededNames(user);
  return symbols.filter((symbol) => needed.has(symbol));
}

type Facts = Readonly<Record<string, Scalar>>;

function agree(left: Facts, right: Facts): boolean {
  return Object.entries(left).every(([name, value]) => !Object.hasOwn(right, name) || right[name] === value);
}

/** The lines of a condition over facts that are known: the rest may hold in some closure. */
function onlyKnown<T>(condition: Readonly<Record<string, T>>, facts: Facts): Record<string, T> {
  return Object.fromEntries(Object.entries(condition).filter(([name]) => Object.hasOwn(facts, name)));
}
