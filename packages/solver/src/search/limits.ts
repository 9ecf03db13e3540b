import { absent, type CandidateSet, has, isPresent, overlaps, where } from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import { meeter } from './cycle.js';
import { type Incompatibility, incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import type { PartialSolution } from './partial-solution.js';
import { type Request, requestKey } from './request.js';
import type { Term } from './term.js';
import type { Cost } from './universe.js';
import type { World } from './world.js';

/** What a closure must be beyond what the root asks for. */
export interface Limits {
  /** What is decided on before all else, in this order: names that the root asks for, and of `present`. */
  first: readonly string[];
  /** Components that must be in the closure, though the root does not ask for them: somebody else has to. */
  present: readonly string[];
  /** Component -> the id of the candidate that it must be, if it is in the closure. */
  fixed: ReadonlyMap<string, string>;
  /** What all members may cost together, for each way to count. */
  costs: readonly Allowance[];
}

export interface Allowance {
  cost: Cost;
  most: number;
}

export const unlimited: Limits = { first: [], present: [], fixed: new Map(), costs: [] };

/** Holds what is known of one world against an allowance. */
export class Ledger {
  readonly #allowance: Allowance;
  readonly #world: World;
  /** By number: the candidates that cost nothing. */
  readonly #free: (CandidateSet | undefined)[] = [];

  constructor(allowance: Allowance, world: World) {
    this.#allowance = allowance;
    this.#world = world;
  }

  isFree(component: ComponentPackage, candidate: number): boolean {
    return has(this.#freeOf(component), candidate);
  }

  /** That what must be in the closure costs too much, by as few terms as will do. Undefined where it does not. */
  overrun(solution: PartialSolution): Incompatibility | undefined {
    const { cost, most } = this.#allowance;
    const due: { component: ComponentPackage; least: number }[] = [];
    let sum = 0;
    for (const component of this.#world.components) {
      const least = this.#least(component, solution.known(component));
      if (least === 0) continue;
      due.push({ component, least });
      sum += least;
    }
    if (sum <= most) return undefined;
    const terms: Term[] = [];
    let told = 0;
    for (const { component, least } of due.sort((a, b) => b.least - a.least)) {
      const cheaper = component.where((candidate) => cost(candidate) < least);
      terms.push({ package: component, set: ~(absent | cheaper) });
      told += least;
      if (told > most) break;
    }
    return incompatibility(terms, { kind: 'limit' });
  }

  /** What a component costs at least, as far as is known. */
  #least(component: ComponentPackage, known: CandidateSet): number {
    if (!isPresent(known) || overlaps(known, this.#freeOf(component))) return 0;
    const costs = component.candidates.flatMap(({ candidate }, index) =>
      has(known, index) ? [this.#allowance.cost(candidate)] : [],
    );
    return costs.length === 0 ? 0 : costs.reduce((least, each) => Math.min(least, each));
  }

  #freeOf(component: ComponentPackage): CandidateSet {
    const known = this.#free[component.number];
    if (known !== undefined) return known;
    const free = component.where((candidate) => this.#allowance.cost(candidate) === 0);
    if (component.listing !== undefined) this.#free[component.number] = free;
    return free;
  }
}

/**
 * That a component which must be in the closure is needed by nobody who is needed: the terms leave out of each
 * of these the candidates that could bring it in. Undefined where all are needed. Only for a complete solution.
 */
export function unneeded(world: World, solution: PartialSolution): Incompatibility | undefined {
  const { present } = world.limits;
  if (present.length === 0) return undefined;
  const { reached, unsettled } = reach(world, solution);
  const lonely = present.map((name) => world.component(name)).find((each) => !reached.has(each));
  if (lonely === undefined) return undefined;
  const terms = [...reached].map((item): Term => {
    if (item.kind === 'capability') return { package: item, set: solution.known(item) };
    const asked = item.requests(solution.decided(item));
    const isAsked = (request: Request) =>
      asked.some((each) => each.name === request.name && requestKey(each) === requestKey(request));
    const brings = (request: Request) => {
      const on = world.isNamed(request.name) ? world.named(request.name) : undefined;
      // Asked for in another way, an open capability may come to have one possible provider.
      return on === undefined || !reached.has(on) || (unsettled.has(on) && !isAsked(request));
    };
    const isHarmless = (candidate: number) =>
      item.candidate(candidate).unread !== true && !item.requests(candidate).some(brings);
    return { package: item, set: where(item.candidates.length, isHarmless) };
  });
  return incompatibility([...terms, { package: lonely, set: ~absent }], { kind: 'limit' });
}

/**
 * All that the root needs, through others. Unsettled are the open capabilities among it whose providers are not: they
 * are there only because they were called in.
 */
function reach(world: World, solution: PartialSolution): { reached: Set<Package>; unsettled: Set<Package> } {
  const reached = new Set<Package>();
  const open = new Map<CapabilityPackage, Request[]>();
  const follow = (request: Request) => {
    const on = world.named(request.name);
    reached.add(on);
    if (on.kind === 'capability' && on.open) open.set(on, [...(open.get(on) ?? []), request]);
    else reached.add(meeter(request.name, world, solution));
  };
  for (const { request } of world.rootRequests) follow(request);
  const visited = new Set<Package>();
  for (;;) {
    // Those that are added on the way are visited too.
    for (const item of reached) {
      if (item.kind === 'capability' || visited.has(item)) continue;
      visited.add(item);
      for (const request of item.requests(solution.decided(item))) follow(request);
    }
    const left = [...open].filter(([{ name }]) => !reached.has(meeter(name, world, solution)));
    const settled = left.find(([capability, requests]) => isSettled(capability, requests, world));
    if (settled === undefined) return { reached, unsettled: new Set(left.map(([capability]) => capability)) };
    reached.add(meeter(settled[0].name, world, solution));
  }
}

/** Whether one component alone is able to provide what is asked of an open capability. */
function isSettled(capability: CapabilityPackage, requests: readonly Request[], world: World): boolean {
  const [able = [], ...others] = requests.map((request) => world.able(capability, request));
  return able.filter((name) => others.every((names) => names.includes(name))).length === 1;
}
