import type { Asker } from './asker.js';
import {
  anything,
  type CandidateSet,
  first,
  isSubset,
  nothing,
  only,
  overlaps,
  weightOf,
} from './candidate-set.js';
import type { ComponentPackage } from './component-package.js';
import type { Request } from './request.js';

/** What somebody asks of a capability, whoever provides it. */
export interface CapabilityRequest {
  asker: Asker;
  request: Request;
}

/**
 * A capability: its candidates are the components that provide it. They are numbered as they are
 * met; the order of preference stands in `order`.
 */
export class CapabilityPackage {
  readonly kind = 'capability';
  readonly number: number;
  readonly name: string;
  /** Providers that may be chosen, most preferred first. Undefined until the capability is asked for. */
  order: readonly string[] | undefined;
  /** Nobody says which provider to take: only one that nothing else could replace is. */
  open = false;
  readonly requests: CapabilityRequest[] = [];
  /** The providers of which it is known what choosing them brings with it. */
  readonly expanded = new Set<ComponentPackage>();
  readonly #providers: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** The set that `best` was last asked about, and how many of `order` come before the answer. */
  #tried: { set: CandidateSet; at: number } = { set: anything, at: 0 };

  constructor(number: number, name: string) {
    this.number = number;
    this.name = name;
  }

  prefer({ order, open }: { order: readonly string[]; open: boolean }): void {
    this.order = order;
    this.open = open;
  }

  /** The set of one provider. */
  only(provider: string): CandidateSet {
    let number = this.#numbers.get(provider);
    if (number === undefined) {
      number = this.#providers.length;
      this.#providers.push(provider);
      this.#numbers.set(provider, number);
    }
    return only(number);
  }

  /** The set of several providers. */
  all(providers: readonly string[]): CandidateSet {
    return providers.reduce((set, provider) => set | this.only(provider), nothing);
  }

  provider(index: number): string {
    return this.#providers[index] as string;
  }

  /** The number of the provider to try first, out of a set. */
  best(set: CandidateSet): number {
    const { order = [] } = this;
    // Mostly it is asked for what is left of the set that it was asked for before.
    let { at } = this.#tried;
    if (!isSubset(set, this.#tried.set)) at = 0;
    while (at < order.length && !overlaps(set, this.only(order[at] as string))) at++;
    this.#tried = { set, at };
    const provider = order[at];
    return provider === undefined ? first(set) : (this.#numbers.get(provider) as number);
  }

  /** For how much work a look at a set of these counts. */
  get weight(): number {
    return weightOf(this.#providers.length);
  }
}
