import type { Asker } from './asker.js';
import { absent, anything, type CandidateSet, nothing } from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { Cause } from './cause.js';
import type { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import { Refusals } from './refusals.js';
import type { Request } from './request.js';
import { asks, type Term } from './term.js';
import type { VersionReader } from './version.js';

/** Says as incompatibilities what candidates need, provide and refuse, and what the root wants. */
export class Facts {
  readonly #versions: VersionReader;
  readonly #component: (name: string) => ComponentPackage;
  readonly #refusals: Refusals;
  #found: Incompatibility[] = [];

  constructor(versions: VersionReader, component: (name: string) => ComponentPackage) {
    this.#versions = versions;
    this.#component = component;
    this.#refusals = new Refusals(versions, (terms, cause) => this.#add(terms, cause));
  }

  /** Takes the incompatibilities found since the last call. */
  drain(): Incompatibility[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** The asker needs the package. The providers of an open capability must be listed. */
  request(asker: Asker, request: Request, on: Package): void {
    if (on.kind === 'component') {
      const allowed = on.meeting(request, this.#versions.range(request.requirement.version));
      const terms = [...asks(asker), { package: on, set: ~allowed }];
      this.#add(terms, { kind: 'component', asker, request, on, allowed });
      return;
    }
    const providers = on.open ? this.able(on, request) : (on.order ?? []);
    const allowed = on.all(providers);
    const terms = [...asks(asker), { package: on, set: ~allowed }];
    this.#add(terms, { kind: 'capability', asker, request, on, allowed });
    on.requests.push({ asker, request });
    for (const provider of on.expanded) this.#service(asker, request, on, provider);
    if (on.open) for (const provider of providers) this.serve(on, this.#component(provider));
  }

  /** A provider that is chosen has a candidate that provides the capability and meets all that is asked of the capability. */
  serve(capability: CapabilityPackage, provider: ComponentPackage): void {
    if (capability.expanded.has(provider)) return;
    capability.expanded.add(provider);
    const allowed = provider.index.providing(capability.name) | provider.index.unread;
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

  /** A component that provides a capability is its one provider. */
  provide(provider: ComponentPackage, capability: CapabilityPackage): void {
    const set = provider.index.providing(capability.name);
    this.#add(
      [
        { package: provider, set },
        { package: capability, set: ~capability.only(provider.name) },
      ],
      { kind: 'provides', capability, provider, set },
    );
  }

  /** The root wants the component to be like this, if it is in the closure. */
  constrain(component: ComponentPackage, request: Request): void {
    const allowed = component.meeting(request, this.#versions.range(request.requirement.version));
    const set = component.where(() => true) & ~allowed;
    this.#add([{ package: component, set }], { kind: 'constraint', request, on: component, allowed });
  }

  /** What is aimed at leaves these states of the component out. */
  limit(component: ComponentPackage, set: CandidateSet): void {
    this.#add([{ package: component, set }], { kind: 'limit' });
  }

  /** The user chose the provider. */
  choose(capability: CapabilityPackage, provider: string): void {
    const others = anything & ~(capability.only(provider) | absent);
    this.#add([{ package: capability, set: others }], { kind: 'choice', capability, provider });
  }

  /** Some candidates of the component conflict with a range of a component or capability. */
  refuse(component: ComponentPackage, name: string, range: string): void {
    this.#refusals.refuse(component, name, range);
  }

  /** The component is known, to those who cannot stand it too. */
  list(component: ComponentPackage, provided: ReadonlySet<string>): void {
    this.#refusals.list(component, provided);
  }

  /** The providers that have a candidate which meets what is asked of the capability. All of them must be listed. */
  able(capability: CapabilityPackage, request: Request): string[] {
    return (capability.order ?? []).filter(
      (name) => this.serving(this.#component(name), capability.name, request) !== nothing,
    );
  }

  /** The candidates of a component that meet what is asked of a capability. */
  serving(provider: ComponentPackage, capability: string, request: Request): CandidateSet {
    return provider.serving(capability, request, this.#versions.range(request.requirement.version));
  }

  #add(terms: readonly Term[], cause: Cause): void {
    const found = incompatibility(terms, cause);
    if (found !== undefined) this.#found.push(found);
  }
}

/** What contradicts the choice of a provider. It brings the provider in only where somebody chose it. */
function misfit(capability: CapabilityPackage, allowed: CandidateSet): CandidateSet {
  return capability.open ? ~(allowed | absent) : ~allowed;
}
