import type { Asker } from './asker.js';
import { absent, anything, type CandidateSet, first, has, nothing, only } from './candidate-set.js';
import { CapabilityPackage } from './capability-package.js';
import { ComponentPackage } from './component-package.js';
import { Facts } from './facts.js';
import type { Incompatibility } from './incompatibility.js';
import { Ledger, type Limits, unlimited } from './limits.js';
import type { Listing } from './listing.js';
import { Need } from './need.js';
import type { Parsed } from './order.js';
import type { Package } from './package.js';
import type { PartialSolution } from './partial-solution.js';
import { Providers } from './providers.js';
import { isRefused } from './refusals.js';
import { active, own, type Request, requestKey } from './request.js';
import type { Capability, Root, SolveOptions } from './universe.js';
import type { VersionReader } from './version.js';

/**
 * What the universe has said so far, as packages, and as incompatibilities as far as the search gets
 * to need them. Knows nothing of the search itself.
 */
export class World {
  readonly root: Root;
  readonly options: SolveOptions;
  readonly limits: Limits;
  readonly ledgers: readonly Ledger[];
  readonly rootRequests: readonly { asker: Asker; request: Request }[];
  /** All names that the universe is known to have: asked for only to explain a failure. */
  names: readonly string[] = [];
  readonly #versions: VersionReader;
  readonly #facts: Facts;
  readonly #constraints: ReadonlyMap<string, Request>;
  readonly #providers: Providers;
  readonly #components = new Map<string, ComponentPackage>();
  readonly #capabilities = new Map<string, CapabilityPackage>();
  readonly #named = new Map<string, Package>();
  #packages = 0;
  #begun = false;
  /** True while no usable candidate is known that is unread. */
  #isWhole = true;
  /** What was turned into incompatibilities already. */
  readonly #expanded = new Set<string>();

  constructor(root: Root, options: SolveOptions, versions: VersionReader, limits = unlimited) {
    this.root = root;
    this.options = options;
    this.limits = limits;
    this.ledgers = limits.costs.map((allowance) => new Ledger(allowance, this));
    this.#versions = versions;
    this.#facts = new Facts(versions, (name) => this.component(name));
    this.#providers = new Providers(root, options);
    const constraints = active(root.constraints, undefined, root.settings);
    this.#constraints = new Map(constraints.map((request) => [request.name, request]));
    const ask = (asker: Asker) => (request: Request) => ({ asker, request });
    const requests = [
      ...active(root.requirements, undefined, root.settings).map(ask({ kind: 'root' })),
      ...active(root.base, undefined, root.settings).map(ask({ kind: 'base' })),
    ];
    const named = limits.first.flatMap((name) => requests.filter(({ request }) => request.name === name));
    this.rootRequests = [...new Set([...named, ...requests])];
  }

  get capabilities(): Iterable<CapabilityPackage> {
    return this.#capabilities.values();
  }

  get components(): Iterable<ComponentPackage> {
    return this.#components.values();
  }

  component(name: string): ComponentPackage {
    let component = this.#components.get(name);
    if (component === undefined) {
      component = new ComponentPackage(this.#packages++, name, this.root.settings);
      this.#components.set(name, component);
    }
    return component;
  }

  capability(name: string): CapabilityPackage {
    let capability = this.#capabilities.get(name);
    if (capability === undefined) {
      capability = new CapabilityPackage(this.#packages++, name);
      this.#capabilities.set(name, capability);
      const provider = own(this.root.providers, name);
      if (provider !== undefined) this.#facts.choose(capability, provider);
    }
    return capability;
  }

  /** True where it is known whether the name is a capability. */
  isNamed(name: string): boolean {
    return this.#providers.isKnown(name);
  }

  /** True for a capability that nobody is known to provide. */
  isUnprovided(name: string): boolean {
    return this.#providers.isUnprovided(name);
  }

  /** What a requirement on the name is about. Only for a name of which nothing is lacking. */
  named(name: string): Package {
    let named = this.#named.get(name);
    if (named === undefined) {
      named = this.#providers.isCapability(name) ? this.capability(name) : this.component(name);
      // Before it is known what the root's components provide, a name may yet turn out to be a capability.
      if (this.#providers.settled) this.#named.set(name, named);
    }
    return named;
  }

  learnCapability(name: string, answer: Capability | undefined): void {
    this.#providers.learn(name, answer);
  }

  learnComponent(name: string, listing: Listing | undefined): void {
    const component = this.component(name);
    component.listing = listing ?? null;
    this.#isWhole &&= component.candidates.every(({ candidate }) => candidate.unread !== true);
    if (this.#begun) this.#takeIn(component);
  }

  /** What is to be asked before `begin`. Undefined where nothing is. */
  lackingToBegin(): Need | undefined {
    const requests = this.rootRequests.map(({ request }) => request);
    if (!this.#providers.settled) {
      const need = this.#lacking(requests, false) ?? this.#settle();
      if (need !== undefined) return need;
    }
    return this.#lacking(requests, true) ?? this.#unlisted(this.limits.present);
  }

  #unlisted(names: readonly string[]): Need | undefined {
    const need = new Need();
    for (const name of names) if (this.component(name).listing === undefined) need.components.add(name);
    return need.components.size > 0 ? need : undefined;
  }

  /** Expands what the root asks for, and returns it. From here on what is learnt is turned into incompatibilities. */
  begin(): Package[] {
    this.#begun = true;
    for (const component of this.#components.values()) {
      if (component.listing !== undefined) this.#takeIn(component);
    }
    const { first, present } = this.limits;
    const there = present.map((name) => this.component(name));
    for (const component of there) this.#facts.limit(component, ~component.where(() => true));
    const asked = this.rootRequests.map(({ asker, request }) => {
      const on = this.named(request.name);
      this.#facts.request(asker, request, on);
      return on;
    });
    const before = first.flatMap((name) => [...there, ...asked].filter((each) => each.name === name));
    return [...before, ...asked];
  }

  /** What is to be asked before this candidate is expanded, added to `need` where one is given. Undefined where nothing is. */
  lacking(of: Package, candidate: number, need?: Need): Need | undefined {
    if (of.kind === 'component') return this.#lacking(of.requests(candidate), true, need);
    const provider = of.provider(candidate);
    if (this.component(provider).listing !== undefined) return undefined;
    const lacking = need ?? new Need();
    lacking.components.add(provider);
    return lacking;
  }

  isExpanded(of: Package, candidate: number): boolean {
    if (of.kind === 'component') return has(of.expanded, candidate);
    return of.expanded.has(this.component(of.provider(candidate)));
  }

  /** Turns all that a candidate brings with it into incompatibilities. */
  expand(of: Package, candidate: number): void {
    if (of.kind === 'capability') {
      this.#facts.serve(of, this.component(of.provider(candidate)));
      return;
    }
    // The first candidate tried is mostly the one that stays. Only where it did not, it pays to see which others ask the same.
    const isFirst = of.expanded === nothing;
    of.expanded |= only(candidate);
    for (const request of of.requests(candidate)) {
      if (!isFirst && !this.#isFirst(`${of.number} needs ${request.name} ${requestKey(request)}`)) continue;
      const set = isFirst ? only(candidate) : of.asking(request);
      this.#facts.request({ kind: 'component', component: of, set }, request, this.named(request.name));
    }
    const { conflicts } = of.candidate(candidate);
    if (conflicts === undefined) return;
    for (const name of Object.keys(conflicts)) {
      const range = own(conflicts, name) as string;
      if (this.#isFirst(`${of.number} refuses ${name} ${range}`)) this.#facts.refuse(of, name, range);
    }
  }

  /** What must be in a closure that has this candidate, in order of name. */
  brings(of: Package, candidate: number): Package[] {
    if (of.kind === 'capability') return [this.component(of.provider(candidate))];
    return of.requests(candidate).map(({ name }) => this.named(name));
  }

  /** Takes the incompatibilities found since the last call. */
  drain(): Incompatibility[] {
    return this.#facts.drain();
  }

  /** The providers that have a candidate which meets what is asked of the capability. All of them must be listed. */
  able(capability: CapabilityPackage, request: Request): string[] {
    return this.#facts.able(capability, request);
  }

  /** Unread candidates: those that were decided on, or all. Undefined where there are none. */
  unread(decided?: PartialSolution): Need | undefined {
    if (decided !== undefined && this.#isWhole) return undefined;
    const need = new Need();
    for (const component of this.#components.values()) {
      if (decided === undefined) {
        need.read(component.name, component.candidates);
        need.read(component.name, component.listing?.unusable ?? []);
      } else if (decided.isDecided(component)) {
        need.read(component.name, [component.candidates[decided.decided(component)] as Parsed]);
      }
    }
    return need.unread.size > 0 ? need : undefined;
  }

  /** Turns into incompatibilities what holds of a listed component, whoever asks for it. */
  #takeIn(component: ComponentPackage): void {
    const provided = component.provided();
    for (const capability of provided) this.#facts.provide(component, this.capability(capability));
    const constraint = this.#constraints.get(component.name);
    if (constraint !== undefined) this.#facts.constrain(component, constraint);
    if (this.limits.fixed.has(component.name)) this.#facts.limit(component, ~(this.left(component) | absent));
    this.#facts.list(component, provided);
  }

  /** Finds out what the root's components provide, by what each would be if it were alone. */
  #settle(): Need | undefined {
    const need = new Need();
    const provided = new Map<string, readonly string[]>();
    const alone = new Map<ComponentPackage, CandidateSet>();
    for (const { request } of this.rootRequests) {
      const { name } = request;
      if (this.#providers.isCapability(name)) continue;
      const component = this.component(name);
      const known = alone.get(component) ?? this.constrained(component);
      alone.set(component, known & this.meeting(component, request));
    }
    for (const [component, set] of alone) {
      if (set === nothing) continue;
      const { name } = component;
      const likely = component.candidates.slice(first(set)).slice(0, 1);
      need.read(name, likely);
      provided.set(
        name,
        likely.flatMap(({ candidate }) => Object.keys(candidate.provides ?? {})),
      );
    }
    if (need.unread.size > 0) return need;
    this.#providers.settle(provided);
    return undefined;
  }

  /** What the root lets a component be, if it is in the closure. */
  constrained(component: ComponentPackage): CandidateSet {
    const constraint = this.#constraints.get(component.name);
    return constraint === undefined ? anything : this.meeting(component, constraint);
  }

  /** What the limits let a component be, if it is in the closure. */
  left(component: ComponentPackage): CandidateSet {
    const id = this.limits.fixed.get(component.name);
    return id === undefined ? anything : component.where((candidate) => candidate.id === id);
  }

  /** The candidates of a component that meet what is asked of it. */
  meeting(component: ComponentPackage, request: Request): CandidateSet {
    return component.meeting(request, this.#versions.range(request.requirement.version));
  }

  /** The candidates of a component that meet what is asked of a capability. */
  serving(provider: ComponentPackage, capability: CapabilityPackage, request: Request): CandidateSet {
    return this.#facts.serving(provider, capability.name, request);
  }

  /** True where the conflict of another with this name and range is about the candidate. */
  isRefused(component: ComponentPackage, candidate: number, name: string, range: string): boolean {
    return isRefused(component, component.candidate(candidate), name, this.#versions.range(range));
  }

  #lacking(requests: readonly Request[], withProviders: boolean, given?: Need): Need | undefined {
    let need: Need | undefined;
    for (const { name } of requests) {
      if (!this.#providers.isKnown(name)) {
        need ??= given ?? new Need();
        need.capabilities.add(name);
        continue;
      }
      const on = this.named(name);
      if (on.kind === 'component') {
        if (on.listing !== undefined) continue;
        need ??= given ?? new Need();
        need.components.add(name);
      } else if (withProviders) {
        if (on.order === undefined) on.prefer(this.#providers.preference(name));
        if (!on.open) continue;
        for (const provider of on.order ?? []) {
          const { listing, candidates } = this.component(provider);
          // Whether one alone is able to provide it, only all of their candidates tell.
          if (listing !== undefined && !candidates.some(({ candidate }) => candidate.unread)) continue;
          need ??= given ?? new Need();
          if (listing === undefined) need.components.add(provider);
          else need.read(provider, candidates);
        }
      }
    }
    return need;
  }

  #isFirst(key: string): boolean {
    const { size } = this.#expanded;
    return this.#expanded.add(key).size > size;
  }
}
