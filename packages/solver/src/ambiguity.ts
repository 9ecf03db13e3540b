import {
  absent,
  anything,
  type CandidateSet,
  first,
  isSingle,
  isSubset,
  members,
  only,
  where,
} from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { Asker } from './cause.js';
import type { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility, type Term } from './incompatibility.js';
import type { Package } from './package.js';
import type { PartialSolution } from './partial-solution.js';
import type { Request } from './request.js';
import type { World } from './world.js';

/** An open capability whose provider is settled after all. */
export interface Settled {
  capability: CapabilityPackage;
  provider: number;
}

/**
 * Judges open capabilities once nothing else is left to decide. One is settled where its provider is
 * in the closure anyway, or where no other can meet all that is asked of it. Where none is settled,
 * any choice would be a guess: an incompatibility says what of this closure leads there.
 */
export function settle(
  open: readonly CapabilityPackage[],
  world: World,
  solution: PartialSolution,
): Settled | Incompatibility {
  const choices = new Map<Package, CandidateSet>();
  for (const capability of open) {
    const known = solution.known(capability);
    if (isSingle(known) && solution.isDecided(world.component(capability.provider(first(known))))) {
      return { capability, provider: first(known) };
    }
    const able = ableToMeetAll(capability, world, solution);
    if (isSingle(able)) return { capability, provider: first(able) };
    choices.set(capability, able);
  }
  return ambiguous(choices, world, solution);
}

function isAsked(asker: Asker, solution: PartialSolution): boolean {
  return asker.kind !== 'component' || isSubset(solution.known(asker.component), asker.set);
}

function ableToMeetAll(capability: CapabilityPackage, world: World, solution: PartialSolution): CandidateSet {
  return capability.requests
    .filter(({ asker }) => isAsked(asker, solution))
    .reduce((able, { request }) => able & capability.all(world.able(capability, request)), anything);
}

/**
 * The terms leave out of each component just the candidates that could settle one of the
 * capabilities: those that bring in further names, provide it themselves, or ask more of it.
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
    component.requests(candidate).every(leavesOpen) &&
    Object.keys(component.candidate(candidate).provides ?? {}).every(
      (name) => !choices.has(world.capability(name)),
    );

  const terms: Term[] = [];
  for (const component of world.components) {
    if (!solution.isDecided(component)) continue;
    const harmful = where(component.candidates.length, (candidate) => !harmless(component, candidate));
    terms.push({ package: component, set: ~harmful });
  }
  for (const capability of world.capabilities) {
    if (!solution.isDecided(capability)) continue;
    const inside = (capability.order ?? []).filter((name) => solution.isDecided(world.component(name)));
    terms.push({ package: capability, set: absent | solution.known(capability) | capability.all(inside) });
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
  const found = incompatibility(terms, { kind: 'ambiguous', capability, providers, ...asked });
  if (found === undefined) throw new Error('the closure contradicts itself');
  return found;
}

/** The first two of several. */
function pair(set: CandidateSet): CandidateSet {
  const one = first(set);
  return only(one) | only(first(set & ~only(one)));
}
