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
  const demands = new Map<string, { demand: Demand; entries: Map<string, Entry> }>();
  for (const { cause } of facts) {
    const on = wantedBy(cause);
    if (on === undefined) continue;
    for (const { asker, request } of requestsIn(cause)) {
      const key = `${asker.kind === 'component' ? asker.component.number : asker.kind} ${request.name}`;
      const known = demands.get(key) ?? { demand: { asker, on, entries: [] }, entries: new Map() };
      demands.set(key, known);
      const set = asker.kind === 'component' ? asker.set : anything;
      const wish = requestKey(request);
      const same = known.entries.get(wish);
      if (same === undefined) known.entries.set(wish, { request, set, allowed: allowedBy(cause) });
      else same.set |= set;
    }
  }
  return [...demands.values()].map(({ demand, entries }) => {
    const sorted = [...entries.values()].map((entry) => ({ entry, from: first(entry.set) }));
    sorted.sort((a, b) => a.from - b.from);
    return { ...demand, entries: sorted.map(({ entry }) => entry) };
  });
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
