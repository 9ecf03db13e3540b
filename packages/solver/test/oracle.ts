import { compare } from 'semver';
import type {
  Candidate,
  Requirement,
  Requirements,
  Root,
  Scalar,
  SolveOptions,
  Universe,
} from '../src/search/universe.js';
import { own, satisfies, suits } from './suits.js';

/** A closure, by component. */
export type Members = ReadonlyMap<string, Candidate>;

/** A universe that answers at once, with the names of its components. */
export interface World {
  names: readonly string[];
  /** For messages. */
  candidates: readonly Candidate[];
  defaults: Readonly<Record<string, string>>;
  universe: Universe;
  root: Root;
  options: SolveOptions;
}

export interface Ask {
  name: string;
  requirement: Requirement;
}

/**
 * Says by brute force what is a closure, from the words of the documentation alone: it shares no
 * code with the solver.
 */
export class Oracle {
  readonly #world: World;
  readonly #eligible = new Map<string, Candidate[]>();
  readonly #isFor = new Map<Candidate, boolean>();
  readonly #asked = new Map<Candidate, Ask[]>();
  readonly #constraints: readonly Ask[];
  readonly rootAsks: readonly Ask[];

  constructor(world: World) {
    this.#world = world;
    const byName = (a: Ask, b: Ask) => (a.name < b.name ? -1 : 1);
    this.#constraints = this.#active(world.root.constraints ?? {});
    this.rootAsks = [
      ...this.#active(world.root.requirements).sort(byName),
      ...this.#active(world.root.base ?? {}).sort(byName),
    ];
  }

  /** Every valid closure. */
  closures(): Members[] {
    const eligible = this.#world.names.map((name) => this.eligible(name));
    const isNeeded = this.#world.names.map(
      (name) => this.capability(name) === undefined && this.rootAsks.some((ask) => ask.name === name),
    );
    const members = new Map<string, Candidate>();
    const found: Members[] = [];
    const search = (at: number): void => {
      const candidates = eligible[at];
      if (candidates === undefined) {
        if (this.flaw(members) === undefined) found.push(new Map(members));
        return;
      }
      if (!isNeeded[at]) search(at + 1);
      for (const candidate of candidates) {
        members.set(candidate.name, candidate);
        search(at + 1);
      }
      members.delete(candidates[0]?.name ?? '');
    };
    search(0);
    return found;
  }

  /** What is wrong with a closure. Undefined where nothing is. */
  flaw(members: Members): string | undefined {
    const all = [...members.values()];
    for (const member of all) {
      if (!this.#isEligible(member)) return `${member.id} is not for this root`;
      for (const name in member.conflicts) {
        const range = member.conflicts[name] ?? '';
        const hit = all.find(
          (other) =>
            other !== member &&
            ((other.name === name && satisfies(other.version, range)) ||
              (own(other.provides, name) !== undefined && satisfies(own(other.provides, name) ?? '', range))),
        );
        if (hit !== undefined) return `${member.id} conflicts with ${hit.id}`;
      }
      for (const capability in member.provides) {
        if (this.provider(capability, members) !== member) return `${capability} has several providers`;
        const chosen = own(this.#world.root.providers, capability);
        if (chosen !== undefined && chosen !== member.name) return `${capability} was chosen from ${chosen}`;
      }
    }
    for (const { name, requirement } of this.#constraints) {
      const member = members.get(name);
      if (member !== undefined && !suits(member, member.version, requirement))
        return `${name} is not what the root wants`;
    }
    for (const asks of [this.rootAsks, ...all.map((member) => this.asks(member))]) {
      for (const ask of asks) {
        if (!this.#isMet(ask, members)) return `${ask.name} ${ask.requirement.version} is not met`;
      }
    }
    const reached = this.#reach(members, () => true);
    if (reached.size < members.size) return 'a member is there for nothing';
    if (!this.#world.options.allowCycles && this.#hasCycle(members)) return 'a cycle';
    return this.#unsettled(members);
  }

  /** A closure that differs in one component only, for the better. Undefined where there is none. */
  improvement(members: Members): Members | undefined {
    for (const [name, member] of members) {
      const better = this.#listed(name).filter(
        (each) => this.#isEligible(each) && this.#prefers(each, member),
      );
      for (const candidate of better) {
        const moved = new Map(members).set(name, candidate);
        // All others stay, also as providers; what nobody needs any more may go.
        const rivals = Object.keys(candidate.provides ?? {}).map((each) => this.provider(each, members));
        if (rivals.some((rival) => rival !== undefined && rival !== member)) continue;
        const reached = this.#reach(moved, () => true);
        for (const each of moved.keys()) if (!reached.has(each)) moved.delete(each);
        if (this.flaw(moved) === undefined) return moved;
      }
    }
    return undefined;
  }

  /** What a component can be for this root, most preferred first. */
  eligible(name: string): readonly Candidate[] {
    let eligible = this.#eligible.get(name);
    if (eligible === undefined) {
      eligible = this.#listed(name).filter((each) => this.#isEligible(each));
      eligible.sort((a, b) => (this.#prefers(a, b) ? -1 : 1));
      this.#eligible.set(name, eligible);
    }
    return eligible;
  }

  #listed(name: string): readonly Candidate[] {
    return (this.#world.universe.candidates(name) ?? []) as readonly Candidate[];
  }

  #isEligible(candidate: Candidate): boolean {
    let isFor = this.#isFor.get(candidate);
    if (isFor === undefined) {
      const { root, options } = this.#world;
      isFor =
        Object.entries(candidate.settings ?? {}).every(
          ([name, value]) => own(root.settings, name) === value,
        ) &&
        (candidate.yanked !== true || options.preferred?.get(candidate.name) === candidate.id);
      this.#isFor.set(candidate, isFor);
    }
    return isFor;
  }

  #prefers(a: Candidate, b: Candidate): boolean {
    const { strategy, preferred } = this.#world.options;
    const locked = preferred?.get(a.name);
    if (a.id === locked || b.id === locked) return a.id === locked && b.id !== locked;
    const byVersion = compare(a.version, b.version) * (strategy === 'lowest' ? -1 : 1);
    if (byVersion !== 0) return byVersion > 0;
    const byDeviation = (a.deviations ?? 0) - (b.deviations ?? 0);
    if (byDeviation !== 0) return byDeviation < 0;
    const bySettings = Object.keys(a.settings ?? {}).length - Object.keys(b.settings ?? {}).length;
    if (bySettings !== 0) return bySettings > 0;
    return a.id < b.id;
  }

  #active(requirements: Requirements, asker?: Candidate): Ask[] {
    const facts: Record<string, Scalar> = { ...this.#world.root.settings, ...asker?.options };
    return Object.entries(requirements)
      .filter(([, { when }]) =>
        Object.entries(when ?? {}).every(([fact, wanted]) => [wanted].flat().includes(facts[fact] as Scalar)),
      )
      .map(([name, requirement]) => ({ name, requirement }));
  }

  asks(member: Candidate): readonly Ask[] {
    let asks = this.#asked.get(member);
    if (asks === undefined) {
      asks = this.#active(member.dependencies ?? {}, member);
      this.#asked.set(member, asks);
    }
    return asks;
  }

  capability(name: string): { providers: readonly string[]; default?: string } | undefined {
    const known = this.#world.universe.capability(name) as
      | { providers: readonly string[]; default?: string }
      | undefined;
    const chosen = own(this.#world.root.providers, name);
    return chosen === undefined ? known : { providers: [chosen] };
  }

  provider(capability: string, members: Members): Candidate | undefined {
    for (const member of members.values()) if (own(member.provides, capability) !== undefined) return member;
    return undefined;
  }

  #meeter(name: string, members: Members): Candidate | undefined {
    return this.capability(name) === undefined ? members.get(name) : this.provider(name, members);
  }

  #isMet(ask: Ask, members: Members): boolean {
    const member = this.#meeter(ask.name, members);
    return member !== undefined && this.#canMeet(ask, member);
  }

  #canMeet({ name, requirement }: Ask, candidate: Candidate): boolean {
    const version = this.capability(name) === undefined ? candidate.version : own(candidate.provides, name);
    return version !== undefined && suits(candidate, version, requirement);
  }

  /** Members that are needed, following only some of the names. */
  #reach(members: Members, follow: (name: string, reached: ReadonlySet<string>) => boolean): Set<string> {
    const reached = new Set<string>();
    for (;;) {
      const asks = this.#asksOf(reached, members);
      const next = asks
        .map(({ name }) => ({ name, member: this.#meeter(name, members) }))
        .find(({ name, member }) => member && !reached.has(member.name) && follow(name, reached));
      if (next?.member === undefined) return reached;
      reached.add(next.member.name);
    }
  }

  #asksOf(names: ReadonlySet<string>, members: Members): Ask[] {
    return [...this.rootAsks, ...[...names].flatMap((name) => this.asks(members.get(name) as Candidate))];
  }

  #hasCycle(members: Members): boolean {
    const left = new Map(
      [...members.values()].map((member) => [
        member.name,
        this.asks(member).map(({ name }) => this.#meeter(name, members)?.name),
      ]),
    );
    for (;;) {
      const leaf = [...left].find(([, needs]) => !needs.some((need) => need !== undefined && left.has(need)));
      if (leaf === undefined) return left.size > 0;
      left.delete(leaf[0]);
    }
  }

  /**
   * A capability whose provider nobody names, neither the root nor a lock nor a default, must be met
   * by a member that is there anyway, or by the only component able to meet all that is asked of it
   * by those that are there anyway.
   */
  #unsettled(members: Members): string | undefined {
    const isSettled = (name: string, already: ReadonlySet<string>): boolean =>
      !this.isOpen(name) || this.able(name, this.#asksOf(already, members)).length === 1;
    const reached = this.#reach(members, (name, already) => {
      const provider = this.#meeter(name, members);
      return isSettled(name, already) || (provider !== undefined && already.has(provider.name));
    });
    return reached.size < members.size ? 'a choice that nothing settles' : undefined;
  }

  /** Those who may provide a capability, most preferred first. */
  providers(name: string): string[] {
    const { providers, default: byDefault } = this.capability(name) ?? { providers: [] };
    if (own(this.#world.root.providers, name) !== undefined) return [...providers];
    const locked = providers.filter((provider) => this.#world.options.preferred?.has(provider));
    const first = [...this.#direct(name), ...locked, ...(byDefault === undefined ? [] : [byDefault])];
    return [...new Set([...first, ...providers])];
  }

  /** Whether nobody says which of several providers to take. */
  isOpen(name: string): boolean {
    const { providers, default: byDefault } = this.capability(name) ?? { providers: [] };
    return (
      providers.length > 1 &&
      byDefault === undefined &&
      !providers.some((provider) => this.#world.options.preferred?.has(provider)) &&
      this.#direct(name).length === 0
    );
  }

  /** Providers with a candidate for everything that is asked of the capability. */
  able(capability: string, asks: readonly Ask[]): string[] {
    const asked = asks.filter(({ name }) => name === capability);
    return this.providers(capability).filter((provider) =>
      asked.every((ask) => this.eligible(provider).some((each) => this.#canMeet(ask, each))),
    );
  }

  /** Components that the root names and that, each on its own, would provide the capability. */
  #direct(capability: string): string[] {
    const asks = [...this.rootAsks, ...this.#constraints];
    const named = this.rootAsks.filter(({ name }) => this.capability(name) === undefined);
    return [...new Set(named.map(({ name }) => name))].sort().filter((component) => {
      const likely = this.eligible(component).find((each) =>
        asks.every(({ name, requirement }) => name !== component || suits(each, each.version, requirement)),
      );
      return own(likely?.provides, capability) !== undefined;
    });
  }
}
