import { absent, anything, type CandidateSet, has, nothing, only } from './candidate-set.js';
import { CapabilityPackage } from './capability-package.js';
import { type Asker, asks, type Cause } from './cause.js';
import { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility, type Term } from './incompatibility.js';
import type { Listing } from './listing.js';
import type { Package } from './package.js';
import { Providers } from './providers.js';
import { Refusals } from './refusals.js';
import { active, meets, own, type Request, requestKey } from './request.js';
import type { Capability, Root, SolveOptions } from './universe.js';
import { providesIn, type Ranges } from './version.js';

/** What has to be asked of the universe before the search can go on. */
export interface Need {
  capabilities: ReadonlySet<string>;
  components: ReadonlySet<string>;
}

/**
 * Turns what the universe says into incompatibilities, as far as the search gets to need it. Knows
 * nothing of the search itself.
 */
export class World {
  readonly root: Root;
  readonly options: SolveOptions;
  readonly rootRequests: readonly { asker: Asker; request: Request }[];
  readonly #constraints: ReadonlyMap<string, Request>;
  readonly #providers: Providers;
  readonly #components = new Map<string, ComponentPackage>();
  readonly #capabilities = new Map<string, CapabilityPackage>();
  #packages = 0;
  readonly #ranges: Ranges;
  readonly #refusals: Refusals;
  /** What was turned into incompatibilities already. */
  readonly #expanded = new Set<string>();
  #found: Incompatibility[] = [];

  constructor(root: Root, options: SolveOptions, ranges: Ranges) {
    this.#ranges = ranges;
    this.#refusals = new Refusals(ranges, (terms, cause) => this.#add(terms, cause));
    this.root = root;
    this.options = options;
    this.#providers = new Providers(root, options);
    const constraints = active(root.constraints, undefined, root.settings);
    this.#constraints = new Map(constraints.map((request) => [request.name, request]));
    const ask = (asker: Asker) => (request: Request) => ({ asker, request });
    this.rootRequests = [
      ...active(root.requirements, undefined, root.settings).map(ask({ kind: 'root' })),
      ...active(root.base, undefined, root.settings).map(ask({ kind: 'base' })),
    ];
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
      if (provider !== undefined) {
        const others = anything & ~(capability.only(provider) | absent);
        this.#add([{ package: capability, set: others }], { kind: 'choice', capability, provider });
      }
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
    return this.#providers.isCapability(name) ? this.capability(name) : this.component(name);
  }

  learnCapability(name: string, answer: Capability | undefined): void {
    this.#providers.learn(name, answer);
  }

  learnComponent(name: string, listing: Listing | undefined): void {
    const component = this.component(name);
    component.listing = listing ?? null;
    const provided = new Set<string>();
    for (const { candidate } of component.candidates) {
      if (candidate.provides === undefined) continue;
      for (const capability of Object.keys(candidate.provides)) provided.add(capability);
    }
    for (const name of provided) this.#provides(component, name);
    this.#constrain(component);
    this.#refusals.list(component, provided);
  }

  /** What is to be asked before `begin`. Undefined where nothing is. */
  lackingToBegin(): Need | undefined {
    const names = this.rootRequests.map(({ request }) => request.name);
    const need = this.#lacking(names, false);
    if (need !== undefined || this.#providers.settled) return need ?? this.#lacking(names, true);
    this.#providers.settle(
      names.filter((name) => !this.#providers.isCapability(name)).map((name) => this.component(name)),
    );
    return this.#lacking(names, true);
  }

  /** Expands what the root asks for. */
  begin(): void {
    for (const { asker, request } of this.rootRequests) this.#request(asker, request);
  }

  /** What is to be asked before this candidate is expanded. Undefined where nothing is. */
  lacking(of: Package, candidate: number): Need | undefined {
    if (of.kind === 'component')
      return this.#lacking(
        of.requests(candidate).map(({ name }) => name),
        true,
      );
    const provider = of.provider(candidate);
    return this.component(provider).listing === undefined
      ? { capabilities: new Set(), components: new Set([provider]) }
      : undefined;
  }

  isExpanded(of: Package, candidate: number): boolean {
    if (of.kind === 'component') return has(of.expanded, candidate);
    return of.expanded.has(this.component(of.provider(candidate)));
  }

  /** Turns all that a candidate brings with it into incompatibilities. */
  expand(of: Package, candidate: number): void {
    if (of.kind === 'capability') {
      this.#serve(of, this.component(of.provider(candidate)));
      return;
    }
    // The first candidate tried is mostly the one that stays. Only where it did not, it pays to see which others ask the same.
    const isFirst = of.expanded === nothing;
    of.expanded |= only(candidate);
    for (const request of of.requests(candidate)) {
      if (!isFirst && !this.#isFirst(`${of.number} needs ${request.name} ${requestKey(request)}`)) continue;
      const set = isFirst ? only(candidate) : of.asking(request);
      this.#request({ kind: 'component', component: of, set }, request);
    }
    const { conflicts } = of.candidate(candidate);
    if (conflicts === undefined) return;
    for (const name of Object.keys(conflicts)) {
      const range = own(conflicts, name) as string;
      if (this.#isFirst(`${of.number} refuses ${name} ${range}`)) this.#refusals.refuse(of, name, range);
    }
  }

  /** Takes the incompatibilities found since the last call. */
  drain(): Incompatibility[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** The candidates of a component that meet what is asked of a capability. */
  serving(provider: ComponentPackage, capability: string, { requirement }: Request): CandidateSet {
    const range = this.#ranges.get(requirement.version);
    return provider.where(
      (candidate) =>
        providesIn(candidate.provides, capability, range) && meets(candidate, requirement.options),
    );
  }

  /** The providers that have a candidate which meets what is asked of the capability. All of them must be listed. */
  able(capability: CapabilityPackage, request: Request): string[] {
    return (capability.order ?? []).filter(
      (name) => this.serving(this.component(name), capability.name, request) !== nothing,
    );
  }

  #lacking(names: readonly string[], withProviders: boolean): Need | undefined {
    let need: { capabilities: Set<string>; components: Set<string> } | undefined;
    const lack = (sort: 'capabilities' | 'components', name: string) => {
      need ??= { capabilities: new Set(), components: new Set() };
      need[sort].add(name);
    };
    for (const name of names) {
      if (!this.#providers.isKnown(name)) lack('capabilities', name);
      else if (!this.#providers.isCapability(name)) {
        if (this.component(name).listing === undefined) lack('components', name);
      } else if (withProviders) {
        const capability = this.capability(name);
        if (capability.order === undefined) capability.prefer(this.#providers.preference(name));
        if (!capability.open) continue;
        for (const provider of capability.order ?? []) {
          if (this.component(provider).listing === undefined) lack('components', provider);
        }
      }
    }
    return need;
  }

  #isFirst(key: string): boolean {
    const { size } = this.#expanded;
    return this.#expanded.add(key).size > size;
  }

  #add(terms: readonly Term[], cause: Cause): void {
    const found = incompatibility(terms, cause);
    if (found !== undefined) this.#found.push(found);
  }

  #request(asker: Asker, request: Request): void {
    const on = this.named(request.name);
    if (on.kind === 'component') {
      const allowed = on.meeting(request, this.#ranges.get(request.requirement.version));
      this.#add([...asks(asker), { package: on, set: ~allowed }], {
        kind: 'component',
        asker,
        request,
        on,
        allowed,
      });
      return;
    }
    const providers = on.open ? this.able(on, request) : (on.order ?? []);
    const allowed = on.all(providers);
    this.#add([...asks(asker), { package: on, set: ~allowed }], {
      kind: 'capability',
      asker,
      request,
      on,
      allowed,
    });
    on.requests.push({ asker, request });
    for (const provider of on.expanded) this.#service(asker, request, on, provider);
    if (on.open) for (const provider of providers) this.#serve(on, this.component(provider));
  }

  /** A provider that is chosen has a candidate that provides the capability and meets all that is asked of the capability. */
  #serve(capability: CapabilityPackage, provider: ComponentPackage): void {
    if (capability.expanded.has(provider)) return;
    capability.expanded.add(provider);
    const allowed = provider.where((candidate) => own(candidate.provides, capability.name) !== undefined);
    this.#add(
      [
        { package: capability, set: capability.only(provider.name) },
        { package: provider, set: misfit(capability, allowed) },
      ],
      { kind: 'provider', capability, provider, allowed },
    );
    for (const { asker, request } of capability.requests) this.#service(asker, request, capability, provider);
  }

  #service(asker: Asker, request: Request, capability: CapabilityPackage, provider: ComponentPackage): void {
    const allowed = this.serving(provider, capability.name, request);
    this.#add(
      [
        ...asks(asker),
        { package: capability, set: capability.only(provider.name) },
        { package: provider, set: misfit(capability, allowed) },
      ],
      { kind: 'service', asker, request, capability, provider, allowed },
    );
  }

  /** What the root wants of a component says nothing of whether it is in the closure. */
  #constrain(component: ComponentPackage): void {
    const request = this.#constraints.get(component.name);
    if (request === undefined) return;
    const allowed = component.meeting(request, this.#ranges.get(request.requirement.version));
    const set = component.where(() => true) & ~allowed;
    this.#add([{ package: component, set }], { kind: 'constraint', request, on: component, allowed });
  }

  /** A component that provides a capability is its one provider. */
  #provides(provider: ComponentPackage, name: string): void {
    const capability = this.capability(name);
    const set = provider.where((candidate) => own(candidate.provides, name) !== undefined);
    this.#add(
      [
        { package: provider, set },
        { package: capability, set: ~capability.only(provider.name) },
      ],
      { kind: 'provides', capability, provider, set },
    );
  }
}

/** What contradicts the choice of a provider. It brings the provider in only where somebody chose it. */
function misfit(capability: CapabilityPackage, allowed: CandidateSet): CandidateSet {
  return capability.open ? ~(allowed | absent) : ~allowed;
}
