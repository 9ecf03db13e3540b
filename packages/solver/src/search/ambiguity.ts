import type { Asker } from './asker.js';
import {
  anything,
  type CandidateSet,
  first,
  isSingle,
  isSubset,
  members,
  only,
  where,
} from './candidate-set.js';
import type { CapabilityPackage, CapabilityRequest } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import type { PartialSolution } from './partial-solution.js';
import type { Request } from './request.js';
import { asks, type Term } from './term.js';
import type { World } from './world.js';

/** What follows from a capability being open: an incompatibility, and what is to be decided on because of it. */
export interface Unsettled {
  reason: Incompatibility;
  asks: readonly Package[];
}

/**
 * Judges open capabilities once nothing else is left to decide. One is settled where its provider is
 * in the closure anyway: it is returned, to be decided on. One that a single component is able to
 * provide as asked brings that component in; and where any choice would be a guess, there is no
 * closure.
 */
export function settle(
  open: Iterable<CapabilityPackage>,
  world: World,
  solution: PartialSolution,
): CapabilityPackage | Unsettled {
  const choices = new Map<Package, CandidateSet>();
  for (const capability of open) {
    const known = solution.known(capability);
    if (isSingle(known) && solution.isDecided(world.component(capability.provider(first(known)))))
      return capability;
    const asked = capability.requests.filter(({ asker }) => isAsked(asker, solution));
    // Present only because whatever provides another capability provides this one too: it follows that one.
    if (asked.length === 0) continue;
    const able = asked.reduce(
      (set, { request }) => set & capability.all(world.able(capability, request)),
      anything,
    );
    if (isSingle(able)) return bringIn(capability, first(able), asked, world);
    choices.set(capability, able);
  }
  return { reason: ambiguous(choices, world, solution), asks: [] };
}

function isAsked(asker: Asker, solution: PartialSolution): boolean {
  if (asker.kind !== 'component') return true;
  // What is known to be in the closure but was not reached yet does not ask yet.
  return solution.isDecided(asker.component) && isSubset(solution.known(asker.component), asker.set);
}

/** The one component that can meet all that is asked is needed by those who ask. */
function bringIn(
  capability: CapabilityPackage,
  number: number,
  asked: readonly CapabilityRequest[],
  world: World,
): Unsettled {
  const provider = world.component(capability.provider(number));
  const allowed = provider.where(({ provides }) => Object.hasOwn(provides ?? {}, capability.name));
  const terms = asked.flatMap(({ asker }) => asks(asker));
  const cause = { kind: 'only', capability, provider, allowed, asked } as const;
  const reason = certain(incompatibility([...terms, { package: provider, set: ~allowed }], cause));
  return { reason, asks: [provider] };
}

/**
 * The terms leave out of each component just the candidates that could settle one of the
 * capabilities: those that bring in further names, provide it themselves, ask more of it, or are not read and may. A
 * component without such candidates does not matter. No term holds where its package is absent, as
 * nothing becomes needed because a choice is open.
 */
function ambiguous(
  choices: ReadonlyMap<Package, CandidateSet>,
  world: World,
  solution: PartialSolution,
): Incompatibility {
  const isIn = (item: Package) => choices.has(item) || solution.isDecided(item);
  const leavesOpen = ({ name, requirement }: Request): boolean => {
    if (!world.isNamed(name)) return false;
    const on = world.named(name);
    if (!isIn(on)) return false;
    const able = choices.get(on);
    if (able === undefined || on.kind === 'component') return true;
    return isSubset(pair(able), on.all(world.able(on, { name, requirement })));
  };
  const harmless = (component: ComponentPackage, candidate: number): boolean =>
    component.candidate(candidate).unread !== true &&
    component.requests(candidate).every(leavesOpen) &&
    Object.keys(component.candidate(candidate).provides ?? {}).every(
      (name) => !choices.has(world.capability(name)),
    );

  const terms: Term[] = [];
  for (const component of world.components) {
    if (!solution.isDecided(component)) continue;
    const { length } = component.candidates;
    const kept = where(length, (candidate) => harmless(component, candidate));
    if (kept !== where(length, () => true)) terms.push({ package: component, set: kept });
  }
  for (const other of world.capabilities) {
    if (!solution.isDecided(other)) continue;
    const inside = (other.order ?? []).filter((name) => solution.isDecided(world.component(name)));
    terms.push({ package: other, set: solution.known(other) | other.all(inside) });
  }
  const [capability] = choices.keys() as Iterable<CapabilityPackage>;
  const asked = capability?.requests.find(({ asker }) => isAsked(asker, solution));
  if (capability === undefined || asked === undefined) throw new Error('nobody asks for the capability');
  if (asked.asker.kind === 'component') {
    const { component } = asked.asker;
    const asking = where(component.candidates.length, (candidate) =>
      component.requests(candidate).some(({ name }) => name === capability.name),
    );
    terms.push({ package: component, set: asking });
  }
  const providers = [...members(choices.get(capability) ?? 0n)].map((number) => capability.provider(number));
  return certain(incompatibility(terms, { kind: 'ambiguous', capability, providers, ...asked }));
}

function certain(found: Incompatibility | undefined): Incompatibility {
  if (found === undefined) throw new Error('the closure contradicts itself');
  return found;
}

/** The first two of several. */
function pair(set: CandidateSet): CandidateSet {
  const one = first(set);
  return only(one) | only(first(set & ~only(one)));
}
