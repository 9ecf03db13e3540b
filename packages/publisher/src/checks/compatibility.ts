import { predecessor } from 'bunny-libos-namespace';
import { BunnyError, exitStatus, type ToolingRules } from 'bunny-libos-spec';
import semver from 'semver';
import { type AbiSubject, abiDifference, type SymbolUser, sameConfiguration } from './abi-compare.js';
import { usersOf } from './abi-users.js';
import { compareTypes, type TypeComparison } from './compare-types.js';

/** A variant that is about to be published. */
export interface NewVariant extends AbiSubject {
  /** For messages: `libc 1.2.0 (amd64)`. */
  label: string;
  /** Its component.yaml. */
  file: string;
}

/** A new variant that lacks symbols of its predecessor, or has other types. */
export interface Loss {
  variant: NewVariant;
  /** The version that it claims to be compatible with. */
  predecessor: string;
  /** Who uses them, of all that is published. */
  users: readonly SymbolUser[];
  /** Those that nobody uses: apps may, which nobody sees. Sorted. */
  unused: readonly string[];
  /** What the comparison of types says: none where it finds nothing. */
  types: readonly string[];
}

export interface CompatibilityContext {
  rules: ToolingRules;
  /** What new variants are compared with: published, or about to be. */
  versionsOf: (name: string) => Promise<readonly AbiSubject[]>;
  /** Every variant that may depend on them. Called only where a symbol was removed. */
  dependents: () => Promise<readonly AbiSubject[]>;
  /** Compares types; undefined where the framework says nothing of them. */
  types?: TypeComparison | undefined;
}

/** Whether something stands against calling a version compatible. */
export function isBreaking({ users, types }: Loss): boolean {
  return users.length > 0 || types.length > 0;
}

/**
 * Finds new variants which their version calls compatible though they lack symbols that their predecessor
 * has, or changed types that it has: each is compared with the newest earlier version in its range (`^`) that has the
 * same configuration.
 */
export async function findLosses(
  variants: readonly NewVariant[],
  context: CompatibilityContext,
): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const variant of variants) {
    const { name, version } = variant.identity;
    const others = await context.versionsOf(name);
    // An earlier version that lacks the configuration tells nothing of it, and another one may.
    const fitting = others.filter((other) => sameConfiguration(variant.identity, [other]) !== undefined);
    const before = predecessor(
      version,
      fitting.map(({ identity }) => identity.version),
    );
    if (before === undefined) continue;
    const old = sameConfiguration(
      variant.identity,
      fitting.filter(({ identity }) => identity.version === before),
    );
    if (old === undefined) continue;
    const { removed } = abiDifference(await old.config(), await variant.config());
    const types =
      context.types === undefined
        ? []
        : await compareTypes(variant.identity, await old.types(), await variant.types(), context.types);
    if (removed.length === 0 && types.length === 0) continue;
    const isBase = isBaseComponent(variant, context.rules);
    const users =
      removed.length === 0
        ? []
        : await usersOf(removed, variant.identity, isBase, await context.dependents());
    const used = new Set(users.map(({ symbol }) => symbol));
    const unused = removed.filter((symbol) => !used.has(symbol));
    losses.push({ variant, predecessor: before, users, unused, types });
  }
  return losses;
}

/** Whether every image of some target holds the component, asked for or not. */
export function isBaseComponent(
  { identity }: Pick<AbiSubject, 'identity'>,
  { targets, capabilities }: Pick<ToolingRules, 'targets' | 'capabilities'>,
): boolean {
  return targets.some(({ base }) =>
    Object.keys(base).some(
      (name) =>
        name === identity.name ||
        (Object.hasOwn(identity.provides, name) && Object.hasOwn(capabilities, name)),
    ),
  );
}

/** The error for versions that are called compatible and are not. */
export function breakingError(breaks: readonly [Loss, ...Loss[]]): BunnyError {
  const [{ variant, predecessor: before }] = breaks;
  const { name, version } = variant.identity;
  const symbols = new Set(breaks.flatMap(({ users }) => users.map(({ symbol }) => symbol)));
  const lost =
    symbols.size === 0
      ? 'has other types than'
      : `lacks ${symbols.size === 1 ? [...symbols][0] : `${symbols.size} symbols`} of`;
  const instead =
    symbols.size === 0
      ? 'leave the types as they were, or say why nobody will mind'
      : 'define the symbols again, or say why nobody will miss them';
  return new BunnyError(
    'BUNNY_EBREAKING',
    `${name} ${version} ${lost} ${before}, which it claims to be compatible with`,
    {
      where: variant.file,
      details: breaks.flatMap(linesOf),
      hint: `publish it as ${incompatible(version)}, or ${instead} with --allow-breaking REASON`,
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/** Symbols that a warning names at most. */
const mostNamed = 5;

/** A line for each version that lost symbols which nobody published uses; what variants have in common once. */
export function unusedLines(losses: readonly Loss[]): string[] {
  const lines = losses
    .filter(({ unused }) => unused.length > 0)
    .map(({ variant: { identity }, predecessor: before, unused }) => {
      const more = unused.length > mostNamed ? ` and ${unused.length - mostNamed} more` : '';
      const named = unused.slice(0, mostNamed).join(', ') + more;
      const are = unused.length === 1 ? 'is' : 'are';
      return `${identity.name} ${identity.version}: ${named} of ${before} ${are} gone: no published component uses ${unused.length === 1 ? 'it' : 'them'}, but apps may`;
    });
  return [...new Set(lines)];
}

/** One line for each symbol: who uses it. Then what the comparison of types says. */
export function linesOf({ variant: { label }, users, types }: Loss): string[] {
  const bySymbol = new Map<string, string[]>();
  for (const { symbol, component, version } of users) {
    bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), `${component} ${version}`]);
  }
  return [
    ...[...bySymbol].map(([symbol, who]) => `${label}: ${symbol} is gone, used by ${who.join(', ')}`),
    ...types.map((line) => `${label}: ${line}`),
  ];
}

/** The next version that claims no compatibility: 2.0.0 after 1.4.2, 0.4.0 after 0.3.1. */
function incompatible(version: string): string {
  return semver.inc(version, semver.major(version) > 0 ? 'major' : 'minor') ?? version;
}
