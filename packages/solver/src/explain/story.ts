import type { Asker } from '../search/asker.js';
import { anything, type CandidateSet, members, nothing, overlaps } from '../search/candidate-set.js';
import type { CapabilityPackage } from '../search/capability-package.js';
import type { Cause } from '../search/cause.js';
import type { ComponentPackage } from '../search/component-package.js';
import { compareText, type Parsed } from '../search/order.js';
import type { Package } from '../search/package.js';
import { own } from '../search/request.js';
import type { World } from '../search/world.js';
import type { Line } from './collapse.js';
import type { Fact } from './core.js';
import { type Demand, gatherDemands } from './demands.js';
import { grouped } from './grouped.js';
import { areMany, clause, proviso, reason, some, variants, wishes } from './words.js';

export type Told<K extends Cause['kind']> = Extract<Cause, { kind: K }>;

/**
 * Tells the facts of a core in the order in which a reader follows them: each wish of the root with
 * all that comes of it.
 */
export class Story {
  readonly lines: Line[] = [];
  readonly demands: readonly Demand[];
  /** Where a fact is told: demands, conflicts, constraints, and who alone can provide. */
  readonly lineOf = new Map<Demand | Cause, Line>();
  readonly #world: World;
  readonly #byKind: ReadonlyMap<Cause['kind'], readonly Cause[]>;
  readonly #demandsBy: ReadonlyMap<Package | undefined, readonly Demand[]>;
  readonly #demandsOn: ReadonlyMap<Package, readonly Demand[]>;
  readonly #constraints: ReadonlyMap<Package, readonly Told<'constraint'>[]>;
  readonly #conflicts: ReadonlyMap<Package, readonly Told<'conflict'>[]>;
  readonly #only: ReadonlyMap<Package, readonly Told<'only'>[]>;
  readonly #brought: ReadonlyMap<Package, readonly Told<'provider' | 'service'>[]>;
  readonly #cycles: readonly ReadonlySet<string>[];
  readonly #contexts = new Map<ComponentPackage, CandidateSet>();
  readonly #visited = new Set<Package>();

  constructor(facts: readonly Fact[], world: World) {
    this.#world = world;
    const causes = facts.map(({ cause }) => cause);
    this.#byKind = grouped(causes, ({ kind }) => kind);
    this.demands = gatherDemands(facts).sort((a, b) => compareText(a.on.name, b.on.name));
    this.#demandsBy = grouped(this.demands, ({ asker }) => asking(asker));
    this.#demandsOn = grouped(this.demands, ({ on }) => on);
    this.#constraints = grouped(this.of('constraint'), ({ on }) => on);
    this.#conflicts = grouped(this.of('conflict'), ({ component }) => component);
    this.#only = grouped(this.of('only'), ({ capability }) => capability);
    const brought = [...this.of('provider'), ...this.of('service')];
    this.#brought = grouped(brought, ({ capability }) => capability);
    this.#cycles = this.of('cycle').map(({ path }) => new Set(path));
    for (const kind of ['root', 'base', 'component'] as const) {
      for (const demand of this.demands) {
        if (demand.asker.kind === kind && this.#tellDemand(demand)) this.#visit(demand.on);
      }
    }
    for (const cause of causes) {
      if (cause.kind === 'conflict') this.#visit(cause.component);
      if (cause.kind === 'constraint') this.#visit(cause.on);
    }
  }

  of<K extends Cause['kind']>(kind: K): readonly Told<K>[] {
    return (this.#byKind.get(kind) ?? []) as readonly Told<K>[];
  }

  #tell(text: () => string, from: Package | undefined, to?: Package, tail?: () => string): Line {
    const line = { text, tail, from, to };
    this.lines.push(line);
    return line;
  }

  /** False where it is told already, or as part of a cycle. */
  #tellDemand(demand: Demand): boolean {
    const { asker, on, entries } = demand;
    if (this.lineOf.has(demand) || this.#isInCycle(demand)) return false;
    const wish = () => wishes(entries.map(({ request }) => request));
    const tail = () => `needs ${wish()}`;
    const text = () =>
      asker.kind === 'root'
        ? `Bunnyfile asks for ${wish()}`
        : asker.kind === 'base'
          ? `the tooling layer ${tail()}`
          : this.#needs(demand, asker.component);
    this.lineOf.set(demand, this.#tell(text, asking(asker), on, tail));
    return true;
  }

  /** A cycle is told as a whole. */
  #isInCycle({ asker, on }: Demand): boolean {
    return (
      asker.kind === 'component' &&
      this.#cycles.some((names) => names.has(asker.component.name) && names.has(on.name))
    );
  }

  /**
   * Tells what comes of a package being in the closure, and of all that it leads to: each thing to its end before
   * the next. Without recursion, as chains may be longer than the stack.
   */
  #visit(item: Package): void {
    const open: Iterator<Package>[] = [[item].values()];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const next = top.next();
      if (next.done === true) open.pop();
      else if (!this.#visited.has(next.value)) {
        this.#visited.add(next.value);
        open.push(
          next.value.kind === 'capability'
            ? this.#visitCapability(next.value)
            : this.#visitComponent(next.value),
        );
      }
    }
  }

  /** Tells of a capability, and yields what is to be visited before it goes on. */
  *#visitCapability(capability: CapabilityPackage): Generator<Package, void, void> {
    const { name } = capability;
    const chosen = own(this.#world.root.providers, name);
    if (chosen !== undefined) this.#tell(() => `Bunnyfile chooses ${chosen} for ${name}`, capability);
    for (const cause of this.#only.get(capability) ?? []) {
      const { provider } = cause;
      const line = this.#tell(
        () => `only ${provider.name} can provide ${name} as asked for`,
        capability,
        provider,
      );
      this.lineOf.set(cause, line);
      yield provider;
    }
    const brought = (this.#brought.get(capability) ?? []).filter(({ allowed }) => allowed !== nothing);
    // What is told of a provider has to do with the capability: elsewhere nobody says so.
    if (brought.length > 0 && chosen === undefined && !capability.open) {
      const { order = [] } = capability;
      this.#tell(
        () => `only ${some(order)} ${order.length === 1 ? 'provides' : 'provide'} ${name}`,
        capability,
      );
    }
    for (const { provider } of brought) yield provider;
  }

  /** Tells of a component, and yields what is to be visited before it goes on. */
  *#visitComponent(component: ComponentPackage): Generator<Package, void, void> {
    for (const cause of this.#constraints.get(component) ?? []) {
      const { request } = cause;
      const text = () => `Bunnyfile asks for ${proviso(request)}${reason(request)}, wherever it is needed`;
      this.lineOf.set(cause, this.#tell(text, undefined, component));
    }
    for (const demand of this.#demandsBy.get(component) ?? []) {
      if (this.#tellDemand(demand)) yield demand.on;
    }
    for (const cause of this.#conflicts.get(component) ?? []) {
      if (this.lineOf.has(cause)) continue;
      const range = cause.range.trim() === '*' ? `any ${cause.name}` : `${cause.name} ${cause.range}`;
      const by = cause.other.name === cause.name ? '' : `, which ${cause.other.name} provides`;
      this.lineOf.set(
        cause,
        this.#tell(() => `${this.#subject(component, cause.set, 'conflicts')} with ${range}${by}`, component),
      );
    }
  }

  /** `net 1.3.0 needs libc ^2.1; net 1.2.0 needs libc ^2.0`, or shorter. */
  #needs({ entries }: Demand, component: ComponentPackage): string {
    const context = this.#context(component);
    const relevant = entries.filter(({ set }) => overlaps(set, context));
    const shown = relevant.length === 0 ? entries : relevant;
    if (shown.length > 3) {
      const all = shown.reduce((sum, { set }) => sum | set, nothing);
      return `${this.#subject(component, all, 'needs')} ${wishes(shown.map(({ request }) => request))}`;
    }
    return shown
      .map(({ set, request }) => `${this.#subject(component, set, 'needs')} ${wishes([request])}`)
      .join('; ');
  }

  #subject(component: ComponentPackage, set: CandidateSet, verb: string): string {
    const context = this.#context(component);
    const shown = overlaps(set, context) ? set & context : set;
    const named = [...members(shown)].map((index) => component.candidates[index] as Parsed);
    return clause(`${component.name} ${variants(component, shown, context)}`, areMany(named), verb);
  }

  /** The candidates of a component that the reader has in mind: those that what is wanted of it leaves. */
  #context(component: ComponentPackage): CandidateSet {
    let context = this.#contexts.get(component);
    if (context === undefined) {
      const all = component.where(() => true);
      const wanted = [
        ...(this.#demandsOn.get(component) ?? []).map(({ entries }) => union(entries)),
        ...(this.#constraints.get(component) ?? []).map(({ allowed }) => allowed),
      ];
      const left = common([all, ...wanted]);
      context = left === nothing ? all : left;
      this.#contexts.set(component, context);
    }
    return context;
  }
}

function asking(asker: Asker): ComponentPackage | undefined {
  return asker.kind === 'component' ? asker.component : undefined;
}

/** What any of the entries allows. */
export function union(entries: Demand['entries']): CandidateSet {
  return entries.reduce((set, { allowed }) => set | allowed, nothing);
}

/** What all of the sets allow. */
export function common(sets: readonly CandidateSet[]): CandidateSet {
  return sets.reduce((all, set) => all & set, anything);
}
