import { readRulesLayer } from 'bunny-libos-namespace';
import type { Store, Target } from 'bunny-libos-oci';
import type { LockedTooling, ToolingRules } from 'bunny-libos-spec';

/** The rules that a lock pins, where the store or one of the sources has them. Without sources: no network. */
export async function lockedRules(
  store: Store,
  tooling: LockedTooling,
  sources: readonly Target[] = [],
): Promise<ToolingRules | undefined> {
  try {
    return (await readRulesLayer(store, tooling.rules, sources)).rules;
  } catch {
    return undefined;
  }
}
