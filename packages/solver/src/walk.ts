import { type CandidateSet, first, nothing } from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import { findCycle } from './cycle.js';
import { askAhead } from './look-ahead.js';
import type { Need } from './need.js';
import type { Package } from './package.js';
import { PartialSolution } from './partial-solution.js';
import { own, type Request } from './request.js';
import type { World } from './world.js';

/**
 * The search where nothing is in its way: each in the queue gets its most preferred candidate that those
 * before it allow. If that comes to a closure it is the answer, for that is how the answer is defined, and
 * it takes neither incompatibilities nor a history. Undefined at the first thing that has to be searched
 * for or explained: an open capability, a candidate that somebody later contradicts, that is not read or
 * that has conflicts, two providers, a circle, an empty budget.
 * Only for a world of which nothing is lacking to begin.
 */
export function* walk(world: World, budget: number): Generator<Need, PartialSolution | undefined, void> {
  const path = new Path(world);
  if (!world.rootRequests.every(({ request }) => path.ask(request))) return undefined;
  let ahead = 0;
  for (let at = 0; at < path.queue.length; at++) {
    if (at === ahead) {
      ahead = path.queue.length;
      yield* askAhead(world, new Map(path.queue.slice(at).map((item) => [item, path.choice(item)])));
    }
    const item = path.queue[at] as Package;
    if (path.solution.isDecided(item)) continue;
    if (at === budget) return undefined;
    const candidate = path.choice(item);
    for (
      let need = world.lacking(item, candidate);
      need !== undefined;
      need = world.lacking(item, candidate)
    ) {
      if (need.unread.size > 0) return undefined;
      yield need;
    }
    const fits =
      item.kind === 'component' ? path.decide(item, candidate) : path.decideProvider(item, candidate);
    if (!fits) return undefined;
  }
  const { allowCycles = false } = world.options;
  return allowCycles || findCycle(world, path.solution) === undefined ? path.solution : undefined;
}

/** Decisions without a way back. What returns a boolean returns false where this is not the way. */
class Path {
  readonly solution = new PartialSolution();
  /** What must be in the closure, in order. */
  readonly queue: Package[] = [];
  readonly #world: World;
  /** By number, for components: what those that ask for it leave. */
  readonly #allowed: (CandidateSet | undefined)[] = [];
  /** By number, for capabilities. */
  readonly #asked: (Request[] | undefined)[] = [];
  readonly #providers = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The most preferred candidate of those that are left. */
  choice(item: Package): number {
    if (item.kind === 'component') return first(this.#allowed[item.number] as CandidateSet);
    return item.best(item.all(item.order ?? []));
  }

  ask(request: Request): boolean {
    const on = this.#world.named(request.name);
    if (on.kind === 'component') {
      this.#enqueue(on);
      return this.#narrow(on, this.#world.meeting(on, request));
    }
    if (on.open || on.order?.length === 0) return false;
    const requests = this.#asked[on.number];
    if (requests === undefined) {
      this.#asked[on.number] = [request];
      this.queue.push(on);
      return true;
    }
    requests.push(request);
    if (!this.solution.isDecided(on)) return true;
    const provider = this.#world.component(on.provider(first(this.solution.known(on))));
    return this.#narrow(provider, this.#world.serving(provider, on, request));
  }

  decideProvider(capability: CapabilityPackage, number: number): boolean {
    this.solution.decide(capability, number);
    const provider = this.#world.component(capability.provider(number));
    this.#enqueue(provider);
    const requests = this.#asked[capability.number] ?? [];
    return requests.every((request) =>
      this.#narrow(provider, this.#world.serving(provider, capability, request)),
    );
  }

  decide(component: ComponentPackage, index: number): boolean {
    this.solution.decide(component, index);
    const { unread, conflicts, provides } = component.candidate(index);
    if (unread === true || conflicts !== undefined) return false;
    return (
      Object.keys(provides ?? {}).every((capability) => this.#provide(component, capability)) &&
      component.requests(index).every((request) => this.ask(request))
    );
  }

  /** A capability has one provider, and where the root chose it, that one. */
  #provide({ name }: ComponentPackage, capability: string): boolean {
    const provider = this.#providers.get(capability) ?? own(this.#world.root.providers, capability) ?? name;
    this.#providers.set(capability, name);
    return provider === name;
  }

  #enqueue(component: ComponentPackage): void {
    if (this.#allowed[component.number] !== undefined) return;
    this.#allowed[component.number] = this.#world.constrained(component);
    this.queue.push(component);
  }

  #narrow(component: ComponentPackage, set: CandidateSet): boolean {
    const left = (this.#allowed[component.number] as CandidateSet) & set;
    this.#allowed[component.number] = left;
    if (this.solution.isDecided(component)) return (left & this.solution.known(component)) !== nothing;
    return left !== nothing;
  }
}
