import { byCodeUnit, type ComponentIdentity } from 'bunny-libos-spec';
import semver from 'semver';
import { type AbiSubject, mayUse, type SymbolUser, usedOf } from './abi-compare.js';

/**
 * Who among `subjects` uses one of these symbols and may be linked with the provider that no longer has them:
 * each component-version once, sorted by symbol, component, then newest first. Reads the configs of those
 * that may.
 */
export async function usersOf(
  symbols: readonly string[],
  provider: ComponentIdentity,
  isBase: boolean,
  subjects: readonly AbiSubject[],
): Promise<SymbolUser[]> {
  const found = new Map<string, SymbolUser>();
  await Promise.all(
    subjects
      .filter(({ identity }) => mayUse(identity, provider, isBase))
      .map(async ({ identity: { name: component, version }, config }) => {
        for (const symbol of usedOf(symbols, await config())) {
          found.set(JSON.stringify([symbol, component, version]), { symbol, component, version });
        }
      }),
  );
  return [...found.values()].sort(
    (left, right) =>
      byCodeUnit(left.symbol, right.symbol) ||
      byCodeUnit(left.component, right.component) ||
      semver.rcompare(left.version, right.version),
  );
}
