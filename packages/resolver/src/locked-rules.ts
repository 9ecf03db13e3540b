import type { Store } from '@bunny/oci';
import type { LockedTooling, ToolingRules } from '@bunny/spec';
import { readRulesLayer } from '@bunny/tooling';

/** The rules that a lock pins, where the store has them. Never touches the network. */
export async function lockedRules(store: Store, tooling: LockedTooling): Promise<ToolingRules | undefined> {
  try {
    return (await readRulesLayer(store, tooling.rules, [])).rules;
  } catch {
    return undefined;
  }
}
