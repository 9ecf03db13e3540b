import { type CandidateSet, first, nothing } from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import { findCycles } from './cycle.js';
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
 * for or explained: an open capability, a candidate that somebody contradicts, that is not read or of
 * which the universe does not tell what it needs, two providers, a circle, an empty budget, too high a cost.
 * Only for a world of which nothing is lacking to begin.
 */
export function* walk(world: World, budget: number): Generator<Need, PartialSolution | undefined, void> {
  // Who needs what the root does not ask for comes out only at the end.
  if (world.limits.present.length > 0) return undefined;
  const path = new Path(world);
  if (!world.rootRequests.every(({ request }) => path.ask(request))) return undefined;
  let ahead = 0;
  let likely = new Map<Package, number>();
  for (let at = 0; at < path.queue.length; at++) {
    if (at === budget) return undefined;
    if (at === ahead) {
      ahead = path.queue.length;
      likely = new Map(path.queue.slice(at).map((item) => [item, path.choice(item)]));
      yield* askAhead(world, likely);
    }
    const item = path.queue[at] as Package;
    const candidate = path.choice(item);
    if (likely.get(item) !== candidate) {
      // No more than a guess, too: the search may find that nobody has to know.
      const again = new Map([[item, candidate]]);
      yield* askAhead(world, again);
      if (again.size === 0) return undefined;
    }
    const fits =
      item.kind === 'component' ? path.decide(item, candidate) : path.decideProvider(item, candidate);
    if (!fits) return undefined;
  }
  if (path.hasConflict() || world.ledgers.some((ledger) => ledger.overrun(path.solution))) return undefined;
  const { allowCycles = false } = world.options;
  return allowCycles || findCycles(world, path.solution).length === 0 ? path.solution : undefined;
}

/** Decisions without a way back. `ask` and those that decide return false where this is not the way. */
class Path {
  readonly solution = new PartialSolution();
  /** What must be in the closure, each once, in the order in which it is decided on. */
  readonly queue: Package[] = [];
  readonly #world: World;
  /** By number, for components: what those that ask for it leave. */
  readonly #allowed: (CandidateSet | undefined)[] = [];
  /** By number, for capabilities. */
  readonly #asked: (Request[] | undefined)[] = [];
  /** By capability: the one component decided on that provides it. */
  readonly #providers = new Map<string, ComponentPackage>();
  /** Whom each of those decided on cannot stand. */
  readonly #refusals: { component: ComponentPackage; name: string; range: string }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** The most preferred candidate of those that are left. */
  choice(item: Package): number {
    if (item.kind === 'component') return first(this.#allowed[item.number] as CandidateSet);
    const [provider] = item.order as readonly [string];
    return first(item.only(provider));
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
    const provider = this.#world.component(on.provider(this.solution.decided(on)));
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
    const { unread, provides, conflicts = {} } = component.candidate(index);
    if (unread === true) return false;
    for (const name of Object.keys(conflicts)) {
      this.#refusals.push({ component, name, range: conflicts[name] as string });
    }
    return (
      Object.keys(provides ?? {}).every((capability) => this.#provide(component, capability)) &&
      component.requests(index).every((request) => this.ask(request))
    );
  }

  /** True where one of those decided on cannot stand another. */
  hasConflict(): boolean {
    return this.#refusals.some(({ component, name, range }) =>
      [this.#world.component(name), this.#providers.get(name)].some(
        (other) =>
          other !== undefined &&
          other !== component &&
          this.solution.isDecided(other) &&
          this.#world.isRefused(other, this.solution.decided(other), name, range),
      ),
    );
  }

  /** A capability has one provider, and where the root chose it, that one. */
  #provide(component: ComponentPackage, capability: string): boolean {
    const chosen = own(this.#world.root.providers, capability) ?? component.name;
    if (chosen !== component.name || this.#providers.has(capability)) return false;
    this.#providers.set(capability, component);
    return true;
  }

  #enqueue(component: ComponentPackage): void {
    if (this.#allowed[component.number] !== undefined) return;
    this.#allowed[component.number] = this.#world.constrained(component) & this.#world.left(component);
    this.queue.push(component);
  }

  #narrow(component: ComponentPackage, set: CandidateSet): boolean {
    const left = (this.#allowed[component.number] as CandidateSet) & set;
    this.#allowed[component.number] = left;
    if (this.solution.isDecided(component)) return (left & this.solution.known(component)) !== nothing;
    return left !== nothing;
  }
}
