import type { Asker } from '../search/asker.js';
import { anything, type CandidateSet, first, nothing } from '../search/candidate-set.js';
import type { Cause } from '../search/cause.js';
import type { Package } from '../search/package.js';
import { type Request, requestKey } from '../search/request.js';
import type { Fact } from './core.js';

/** Everything that one asker wants of one name, whichever of its candidates. */
export interface Demand {
  asker: Asker;
  on: Package;
  entries: readonly Entry[];
}

/** What some candidates of the asker want. */
interface Entry {
  request: Request;
  set: CandidateSet;
  allowed: CandidateSet;
}

/** Gathers what the facts say of who needs what, by asker and name. */
export function gatherDemands(facts: readonly Fact[]): Demand[] {
  const demands = new Map<string, Demand & { entries: Entry[] }>();
  const entries = new Map<string, Entry>();
  for (const { cause } of facts) {
    const on = wantedBy(cause);
    if (on === undefined) continue;
    for (const { asker, request } of requestsIn(cause)) {
      const key = `${asker.kind === 'component' ? asker.component.number : asker.kind} ${request.name}`;
      const demand = demands.get(key) ?? { asker, on, entries: [] };
      demands.set(key, demand);
      const set = asker.kind === 'component' ? asker.set : anything;
      const wish = `${key}\n${requestKey(request)}`;
      const same = entries.get(wish);
      if (same === undefined) {
        const entry = { request, set, allowed: allowedBy(cause) };
        entries.set(wish, entry);
        demand.entries.push(entry);
      } else same.set |= set;
    }
  }
  for (const demand of demands.values()) {
    if (demand.entries.length < 2) continue;
    const from = new Map(demand.entries.map((entry) => [entry, first(entry.set)]));
    demand.entries.sort((a, b) => (from.get(a) ?? 0) - (from.get(b) ?? 0));
  }
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
