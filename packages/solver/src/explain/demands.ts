import type { Asker } from '../asker.js';
import { anything, type CandidateSet, first, nothing } from '../candidate-set.js';
import type { Cause } from '../cause.js';
import type { Package } from '../package.js';
import { type Request, requestKey } from '../request.js';
import type { Fact } from './core.js';

/** Everything that one asker wants of one name, whichever of its candidates. */
export interface Demand {
  asker: Asker;
  on: Package;
  entries: { request: Request; set: CandidateSet; allowed: CandidateSet }[];
}

/** Gathers what the facts say of who needs what, by asker and name. */
export function gatherDemands(facts: readonly Fact[]): Demand[] {
  const demands = new Map<string, Demand>();
  for (const { cause } of facts) {
    const on = wantedBy(cause);
    if (on === undefined) continue;
    for (const { asker, request } of requestsIn(cause)) {
      const key = `${asker.kind === 'component' ? asker.component.number : asker.kind} ${request.name}`;
      const demand = demands.get(key) ?? { asker, on, entries: [] };
      demands.set(key, demand);
      const set = asker.kind === 'component' ? asker.set : anything;
      const same = demand.entries.find((entry) => requestKey(entry.request) === requestKey(request));
      if (same === undefined) demand.entries.push({ request, set, allowed: allowedBy(cause) });
      else same.set |= set;
    }
  }
  for (const { entries } of demands.values()) entries.sort((a, b) => first(a.set) - first(b.set));
  return [...demands.values()];
}

/** Who asks for what in a fact. What the root wants of a component, if it is there, is nobody's request. */
export function requestsIn(cause: Cause): readonly { asker: Asker; request: Request }[] {
  if (cause.kind === 'only') return cause.asked;
  return 'asker' in cause ? [cause] : [];
}

/** What a fact is about the need for. */
export function wantedBy(cause: Cause): Package | undefined {
  if ('on' in cause) return cause.on;
  return 'capability' in cause ? cause.capability : undefined;
}

function allowedBy(cause: Cause): CandidateSet {
  return cause.kind === 'component' || cause.kind === 'capability' || cause.kind === 'service'
    ? cause.allowed
    : nothing;
}
