import { byText, type Lock, type LockedComponent, present, toolingRepository } from 'bunny-libos-spec';
import { sameTarget, targetLabel } from '../lock/request.js';
import type { Lowered } from './lowered.js';

/** What became of one component, or of the tooling layer, from one lock to another. */
export interface LockChange {
  name: string;
  /** `arch/platform` of the targets that it is the same for. */
  targets: readonly string[];
  /** Version before; missing where it was added. */
  before?: string | undefined;
  /** Version after; missing where it was removed. */
  after?: string | undefined;
  /** Why it has become older. */
  because?: string | undefined;
  /** The version stayed: other options, or the same made anew. */
  rebuilt?: boolean | undefined;
}

interface Entry {
  version: string;
  layerHash: string;
}

/**
 * The differences of two locks by component, sorted by name. Targets that only one of them has are left out.
 * `lowered` says why what has become older has.
 */
export function lockChanges(
  before: Lock | undefined,
  after: Lock,
  lowered: readonly Lowered[] = [],
): LockChange[] {
  const changes = new Map<string, LockChange & { targets: string[] }>();
  for (const target of after.targets) {
    const old = before?.targets.find((each) => sameTarget(each, target));
    if (before !== undefined && old === undefined) continue;
    const was = new Map<string, Entry>(named(old?.components ?? []));
    const is = new Map<string, Entry>(named(target.components));
    if (old !== undefined) was.set(toolingRepository, old.tooling);
    is.set(toolingRepository, target.tooling);
    for (const name of new Set([...was.keys(), ...is.keys()])) {
      const [from, to] = [was.get(name), is.get(name)];
      if (from?.layerHash === to?.layerHash) continue;
      const label = targetLabel(target);
      const because = lowered.find((each) => each.name === name && each.target === label)?.because;
      const key = JSON.stringify([name, from?.version, to?.version, because]);
      const change =
        changes.get(key) ??
        present({
          name,
          targets: [] as string[],
          before: from?.version,
          after: to?.version,
          because,
          rebuilt: from !== undefined && from.version === to?.version ? true : undefined,
        });
      change.targets.push(label);
      changes.set(key, change);
    }
  }
  return [...changes.values()].sort(byText(({ name }) => name));
}

function named(components: readonly LockedComponent[]): [string, Entry][] {
  return components.map(({ name, version, layerHash }) => [name, { version, layerHash }]);
}
