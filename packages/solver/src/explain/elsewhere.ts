import { nothing } from '../candidate-set.js';
import type { Cause } from '../cause.js';
import { compareText } from '../order.js';
import { meets, own, type Request } from '../request.js';
import type { Candidate, Condition, Root, Scalar } from '../universe.js';
import { parseRange, versionIn } from '../version.js';

/**
 * Conditions on one setting that the closure does not meet and others of the app do, under which what the causes ask
 * for in vain exists: `{ platform: 'linuxu' }`. None where nothing is known of other closures.
 */
export function conditionsElsewhere(root: Root, causes: readonly Cause[]): Condition[] {
  const values = new Map<string, Set<Scalar>>();
  for (const cause of causes) {
    if (cause.kind !== 'component' || cause.allowed !== nothing) continue;
    for (const { candidate, reason } of cause.on.listing?.unusable ?? []) {
      if (reason.kind !== 'settings' || !isAsked(candidate, cause.request)) continue;
      // Of a variant that two settings keep out, neither alone would bring it in.
      const [name, other] = reason.names;
      const value = name === undefined ? undefined : own(candidate.settings, name);
      if (name === undefined || other !== undefined || value === undefined) continue;
      values.set(name, (values.get(name) ?? new Set()).add(value));
    }
  }
  return [...values]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([name, built]) => {
      const there = new Set((root.elsewhere ?? []).flatMap((settings) => own(settings, name) ?? []));
      const shared = [...built]
        .filter((value) => there.has(value))
        .sort((a, b) => compareText(`${a}`, `${b}`));
      const [first] = shared;
      if (first === undefined) return [];
      return [{ [name]: shared.length === 1 ? first : shared }];
    });
}

function isAsked(candidate: Candidate, { requirement }: Request): boolean {
  const range = parseRange(requirement.version);
  return range !== undefined && versionIn(candidate.version, range) && meets(candidate, requirement.options);
}
