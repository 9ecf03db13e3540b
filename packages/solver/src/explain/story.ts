import { anything, type CandidateSet, nothing, overlaps } from '../candidate-set.js';
import type { CapabilityPackage } from '../capability-package.js';
import type { Cause } from '../cause.js';
import type { ComponentPackage } from '../component-package.js';
import { compareText } from '../order.js';
import type { Package } from '../package.js';
import { own } from '../request.js';
import type { World } from '../world.js';
import type { Line } from './collapse.js';
import type { Fact } from './core.js';
import { type Demand, gatherDemands } from './demands.js';
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
  readonly #causes: readonly Cause[];
  readonly #visited = new Set<Package>();

  constructor(facts: readonly Fact[], world: World) {
    this.#world = world;
    this.#causes = facts.map(({ cause }) => cause);
    this.demands = gatherDemands(facts).sort((a, b) => compareText(a.on.name, b.on.name));
    for (const kind of ['root', 'base', 'component'] as const) {
      for (const demand of this.demands) if (demand.asker.kind === kind) this.#tellDemand(demand);
    }
    for (const cause of this.#causes) {
      if (cause.kind === 'conflict') this.#visit(cause.component);
      if (cause.kind === 'constraint') this.#visit(cause.on);
    }
  }

  of<K extends Cause['kind']>(kind: K): Told<K>[] {
    return this.#causes.filter((cause): cause is Told<K> => cause.kind === kind);
  }

  #tell(text: string, from: Package | undefined, to?: Package, tail = ''): Line {
    const line = { text, tail, from, to };
    this.lines.push(line);
    return line;
  }

  #tellDemand(demand: Demand): void {
    const { asker, on, entries } = demand;
    if (this.lineOf.has(demand) || this.#isInCycle(demand)) return;
    const wish = wishes(entries.map(({ request }) => request));
    const tail = `needs ${wish}`;
    const text =
      asker.kind === 'root'
        ? `Bunnyfile asks for ${wish}`
        : asker.kind === 'base'
          ? `the tooling layer ${tail}`
          : this.#needs(demand, asker.component);
    const from = asker.kind === 'component' ? asker.component : undefined;
    this.lineOf.set(demand, this.#tell(text, from, on, tail));
    this.#visit(on);
  }

  /** A cycle is told as a whole. */
  #isInCycle({ asker, on }: Demand): boolean {
    return this.of('cycle').some(
      ({ path }) =>
        asker.kind === 'component' && path.includes(asker.component.name) && path.includes(on.name),
    );
  }

  /** Tells what comes of a package being in the closure. */
  #visit(item: Package): void {
    if (this.#visited.has(item)) return;
    this.#visited.add(item);
    if (item.kind === 'capability') this.#visitCapability(item);
    else this.#visitComponent(item);
  }

  #visitCapability(capability: CapabilityPackage): void {
    const { name } = capability;
    const chosen = own(this.#world.root.providers, name);
    if (chosen !== undefined) this.#tell(`Bunnyfile chooses ${chosen} for ${name}`, capability);
    for (const cause of this.of('only')) {
      const { provider } = cause;
      if (cause.capability !== capability) continue;
      const line = this.#tell(`only ${provider.name} can provide ${name} as asked for`, capability, provider);
      this.lineOf.set(cause, line);
      this.#visit(provider);
    }
    const brought = [...this.of('provider'), ...this.of('service')].filter(
      (cause) => cause.capability === capability && cause.allowed !== nothing,
    );
    // What is told of a provider has to do with the capability: elsewhere nobody says so.
    if (brought.length > 0 && chosen === undefined && !capability.open) {
      const { order = [] } = capability;
      this.#tell(`only ${some(order)} ${order.length === 1 ? 'provides' : 'provide'} ${name}`, capability);
    }
    for (const { provider } of brought) this.#visit(provider);
  }

  #visitComponent(component: ComponentPackage): void {
    for (const cause of this.of('constraint')) {
      if (cause.on !== component) continue;
      const { request } = cause;
      const text = `Bunnyfile asks for ${proviso(request)}${reason(request)}, wherever it is needed`;
      this.lineOf.set(cause, this.#tell(text, undefined, component));
    }
    for (const demand of this.demands) {
      if (demand.asker.kind === 'component' && demand.asker.component === component) this.#tellDemand(demand);
    }
    for (const cause of this.of('conflict')) {
      if (cause.component !== component || this.lineOf.has(cause)) continue;
      const range = cause.range.trim() === '*' ? `any ${cause.name}` : `${cause.name} ${cause.range}`;
      const by = cause.other.name === cause.name ? '' : `, which ${cause.other.name} provides`;
      this.lineOf.set(
        cause,
        this.#tell(`${this.#subject(component, cause.set, 'conflicts')} with ${range}${by}`, component),
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
    const named = component.candidates.filter((_, i) => overlaps(shown, component.only(i)));
    return clause(`${component.name} ${variants(component, shown, context)}`, areMany(named), verb);
  }

  /** The candidates of a component that the reader has in mind: those that what is wanted of it leaves. */
  #context(component: ComponentPackage): CandidateSet {
    const all = component.where(() => true);
    const wanted = [
      ...this.demands.filter(({ on }) => on === component).map(({ entries }) => union(entries)),
      ...this.of('constraint').flatMap(({ on, allowed }) => (on === component ? [allowed] : [])),
    ];
    const left = common([all, ...wanted]);
    return left === nothing ? all : left;
  }
}

/** What any of the entries allows. */
export function union(entries: Demand['entries']): CandidateSet {
  return entries.reduce((set, { allowed }) => set | allowed, nothing);
}

/** What all of the sets allow. */
export function common(sets: readonly CandidateSet[]): CandidateSet {
  return sets.reduce((all, set) => all & set, anything);
}
