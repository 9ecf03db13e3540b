import { Catalog, type Definer, definersOf } from 'bunny-libos-namespace';
import type { RegistryUniverse } from 'bunny-libos-resolver';
import { BunnyError } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import semver from 'semver';
import type { SymbolSource, SymbolUse } from '../checks/symbol-check.js';
import type { CompileDependency } from '../compile/closure-solver.js';
import type { CompileContext } from '../compile/job.js';
import { type ConfigSource, symbolSource } from '../compile/symbol-sources.js';
import type { LocalVariant } from '../plan/local-variant.js';
import { agrees } from '../plan/matrix.js';

/** Components that are looked at, at most. */
const mostComponents = 500;

/**
 * What the components define that are known here: those on disk, those that the tooling layer names, and what
 * these depend on, one variant of each that fits the target, the newest. Only for messages.
 */
export async function knownDefiners(
  rules: TargetRules,
  local: readonly LocalVariant[],
  published: RegistryUniverse,
  configs: ConfigSource,
): Promise<SymbolSource[]> {
  const sources = new Map<string, SymbolSource>();
  const names = new Set([
    ...local.map(({ identity }) => identity.name),
    ...Object.keys(rules.target.base),
    ...Object.values(rules.rules.capabilities).flatMap(({ default: usual, providers }) => [
      ...(usual === undefined ? [] : [usual]),
      ...providers,
    ]),
  ]);
  for (const name of names) {
    if (names.size > mostComponents) break;
    const found: CompileDependency[] = [
      ...local
        .filter(({ identity }) => identity.name === name)
        .map((variant) => ({ kind: 'local' as const, variant })),
      ...((await published.variants(name)) ?? []).map((variant) => ({ kind: 'published' as const, variant })),
    ];
    const members = found
      .filter(({ variant }) => agrees(variant.identity.settings, rules.target))
      .sort((a, b) => semver.rcompare(a.variant.identity.version, b.variant.identity.version));
    for (const member of members) {
      for (const dependency of Object.keys(member.variant.identity.dependencies)) names.add(dependency);
      const source = sources.has(name) ? undefined : await sourceOf(member, configs);
      if (source !== undefined) sources.set(name, source);
    }
  }
  return [...sources.values()];
}

/** What the catalog says of the symbols that objects leave undefined, for the target. Only for messages. */
export async function cataloguedDefiners(
  objects: SymbolUse['objects'],
  { rules, settings }: TargetRules,
  { bases, store, signal }: Pick<CompileContext, 'bases' | 'store' | 'signal'>,
): Promise<Map<string, Definer[]>> {
  const catalog = new Catalog({
    bases,
    store,
    framework: rules.framework,
    signal,
  });
  const entries = (await catalog.entries()).map(({ entry }) => entry);
  return definersOf(entries, 'symbols', new Set(objects.flatMap((object) => object.undefined)), settings);
}

/** Undefined where the variant is neither compiled nor published yet. */
async function sourceOf(member: CompileDependency, configs: ConfigSource): Promise<SymbolSource | undefined> {
  try {
    return symbolSource(await configs.configOf(member));
  } catch (error) {
    if (error instanceof BunnyError && error.code === 'BUNNY_ENOTFOUND') return undefined;
    throw error;
  }
}
