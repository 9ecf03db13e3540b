import { nothing } from '../search/candidate-set.js';
import type { Cause } from '../search/cause.js';
import { compareText } from '../search/order.js';
import { own } from '../search/request.js';
import type { Condition, Root, Scalar } from '../search/universe.js';
import { grouped } from './grouped.js';
import { wantedBy } from './wanted.js';

/**
 * Conditions on one setting that the closure does not meet and others of the app do, under which what the causes ask
 * for in vain exists: `{ platform: 'linuxu' }`. None where nothing is known of other closures.
 */
export function conditionsElsewhere(root: Root, causes: readonly Cause[]): Condition[] {
  const values = new Map<string, Set<Scalar>>();
  const inVain = causes.flatMap((cause) =>
    cause.kind === 'component' && cause.allowed === nothing ? [cause] : [],
  );
  for (const [{ listing }, asked] of grouped(inVain, ({ on }) => on)) {
    const requests = asked.map(({ request }) => request);
    for (const { candidate, reason } of wantedBy(listing?.unusable ?? [], {
      requests,
      capability: undefined,
    })) {
      if (reason.kind !== 'settings') continue;
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
