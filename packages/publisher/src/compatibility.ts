import { predecessor } from '@bunny/resolver';
import { BunnyError, exitStatus, type ToolingRules } from '@bunny/spec';
import semver from 'semver';
import { type AbiSubject, abiDifference, type SymbolUser, sameConfiguration } from './abi-compare.js';
import { usersOf } from './abi-users.js';

/** A variant that is about to be published. */
export interface NewVariant extends AbiSubject {
  /** For messages: `libc 1.2.0 (amd64)`. */
  label: string;
  /** Its component.yaml. */
  file: string;
}

/** A new variant that lacks what dependents of its predecessor use. */
export interface Break {
  variant: NewVariant;
  /** The version that it claims to be compatible with. */
  predecessor: string;
  users: readonly SymbolUser[];
}

export interface CompatibilityContext {
  rules: ToolingRules;
  /** What new variants are compared with: published, or about to be. */
  versionsOf: (name: string) => Promise<readonly AbiSubject[]>;
  /** Every variant that may depend on them. Called only where a symbol was removed. */
  dependents: () => Promise<readonly AbiSubject[]>;
}

/**
 * Finds new variants which their version calls compatible though they lack symbols that their predecessor
 * has and that someone uses: each is compared with the newest earlier version in its range (`^`) that has the
 * same configuration.
 */
export async function findBreaks(
  variants: readonly NewVariant[],
  context: CompatibilityContext,
): Promise<Break[]> {
  const breaks: Break[] = [];
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
    if (removed.length === 0) continue;
    const isBase = isBaseComponent(variant, context.rules);
    const users = await usersOf(removed, variant.identity, isBase, await context.dependents());
    if (users.length > 0) breaks.push({ variant, predecessor: before, users });
  }
  return breaks;
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
export function breakingError(breaks: readonly [Break, ...Break[]]): BunnyError {
  const [{ variant, predecessor: before }] = breaks;
  const { name, version } = variant.identity;
  const symbols = new Set(breaks.flatMap(({ users }) => users.map(({ symbol }) => symbol)));
  return new BunnyError(
    'BUNNY_EBREAKING',
    `${name} ${version} lacks ${symbols.size === 1 ? [...symbols][0] : `${symbols.size} symbols`} of ${before}, ` +
      'which it claims to be compatible with',
    {
      where: variant.file,
      details: breaks.flatMap(({ variant: each, users }) => linesOf(each.label, users)),
      hint:
        `publish it as ${incompatible(version)}, or define the symbols again, or say why nobody will miss them ` +
        'with --allow-breaking REASON',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/** One line for each symbol: who uses it. */
export function linesOf(label: string, users: readonly SymbolUser[]): string[] {
  const bySymbol = new Map<string, string[]>();
  for (const { symbol, component, version } of users) {
    bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), `${component} ${version}`]);
  }
  return [...bySymbol].map(([symbol, who]) => `${label}: ${symbol} is gone, used by ${who.join(', ')}`);
}

/** The next version that claims no compatibility: 2.0.0 after 1.4.2, 0.4.0 after 0.3.1. */
function incompatible(version: string): string {
  return semver.inc(version, semver.major(version) > 0 ? 'major' : 'minor') ?? version;
}
