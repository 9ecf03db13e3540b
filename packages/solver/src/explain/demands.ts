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
    const wants = demandOf(cause);
    if (wants === undefined) continue;
    const { asker, request, on, allowed } = wants;
    const key = `${asker.kind === 'component' ? asker.component.number : asker.kind} ${request.name}`;
    const demand = demands.get(key) ?? { asker, on, entries: [] };
    demands.set(key, demand);
    const set = asker.kind === 'component' ? asker.set : anything;
    const same = demand.entries.find((entry) => requestKey(entry.request) === requestKey(request));
    if (same === undefined) demand.entries.push({ request, set, allowed });
    else same.set |= set;
  }
  for (const { entries } of demands.values()) entries.sort((a, b) => first(a.set) - first(b.set));
  return [...demands.values()];
}

function demandOf(
  cause: Cause,
): { asker: Asker; request: Request; on: Package; allowed: CandidateSet } | undefined {
  switch (cause.kind) {
    case 'component':
    case 'capability':
      return cause;
    case 'service':
      return { ...cause, on: cause.capability };
    case 'ambiguous':
      return { ...cause, on: cause.capability, allowed: nothing };
    default:
      return undefined;
  }
}
