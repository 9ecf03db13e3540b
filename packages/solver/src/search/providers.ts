import { compareText } from './order.js';
import { own } from './request.js';
import type { Capability, Root, SolveOptions } from './universe.js';

/** Which names are capabilities, and who may provide each, in which order. */
export class Providers {
  readonly #root: Root;
  readonly #preferred: ReadonlyMap<string, string> | undefined;
  /** Answers of the universe; null for a name that is no capability. */
  readonly #known = new Map<string, Capability | null>();
  /** Capability -> components that the root names and that provide it. Undefined until they are known. */
  #direct: Map<string, string[]> | undefined;

  constructor(root: Root, { preferred }: SolveOptions) {
    this.#root = root;
    this.#preferred = preferred;
  }

  /** True once it is known what the components that the root names provide. */
  get settled(): boolean {
    return this.#direct !== undefined;
  }

  learn(name: string, answer: Capability | undefined): void {
    this.#known.set(name, answer ?? null);
  }

  isKnown(name: string): boolean {
    return this.#known.has(name);
  }

  /** True where a requirement on this name is met by a provider, not by a component of this name. */
  isCapability(name: string): boolean {
    const known = this.#known.get(name);
    return (
      (known && (known.providers.length > 0 || known.default !== undefined)) ||
      own(this.#root.providers, name) !== undefined ||
      (this.#direct?.has(name) ?? false)
    );
  }

  /** True for a capability that the universe knows of, but nobody who provides it. */
  isUnprovided(name: string): boolean {
    return this.#known.get(name) != null && !this.isCapability(name);
  }

  /** Takes in what the components that the root names provide: component -> capabilities. */
  settle(provided: ReadonlyMap<string, readonly string[]>): void {
    this.#direct = new Map();
    for (const [component, capabilities] of provided) {
      for (const capability of capabilities) {
        const providers = this.#direct.get(capability);
        if (providers === undefined) this.#direct.set(capability, [component]);
        else providers.push(component);
      }
    }
    for (const providers of this.#direct.values()) providers.sort(compareText);
  }

  /**
   * Who may provide a capability, most preferred first: the user's choice and nobody else; or those
   * that the root names as components, those in the existing lock, the default, all others as
   * listed. Open where only the last sort is left and holds several.
   */
  preference(name: string): { order: readonly string[]; open: boolean } {
    const chosen = own(this.#root.providers, name);
    if (chosen !== undefined) return { order: [chosen], open: false };
    const known = this.#known.get(name);
    const direct = this.#direct?.get(name) ?? [];
    const listed = known?.providers ?? [];
    const locked = listed.filter((provider) => this.#preferred?.has(provider));
    const first = [...direct, ...locked, ...(known?.default === undefined ? [] : [known.default])];
    const order = [...new Set([...first, ...listed])];
    return { order, open: first.length === 0 && order.length > 1 };
  }
}
