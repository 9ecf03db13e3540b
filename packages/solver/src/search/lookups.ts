import type { Question } from './attempt.js';
import { type Listing, listingOf } from './listing.js';
import { own, requestsOf } from './request.js';
import type { Candidate, Capability, Root, SolveOptions, Universe } from './universe.js';
import type { VersionReader } from './version.js';

/**
 * Asks an asynchronous universe, each name once, and ahead of need: as soon as a component is known,
 * for all that its most preferred candidate names. A wrong guess costs a look-up and changes no answer.
 */
export class Lookups {
  readonly #universe: Universe;
  readonly #root: Root;
  readonly #options: SolveOptions;
  readonly #versions: VersionReader;
  readonly #capabilities = new Map<string, Promise<Capability | undefined>>();
  readonly #components = new Map<string, Promise<Listing | undefined>>();

  constructor(universe: Universe, root: Root, options: SolveOptions, versions: VersionReader) {
    this.#universe = universe;
    this.#root = root;
    this.#options = options;
    this.#versions = versions;
  }

  /** Asks for all that is needed at once. What is learnt is learnt in the order of the question, whichever answer came first. */
  async answer({ world, need }: Question): Promise<void> {
    const capabilities = [...need.capabilities];
    const components = [...need.components];
    const [asCapabilities, asComponents] = await Promise.all([
      Promise.allSettled(capabilities.map((name) => this.#capability(name))),
      Promise.allSettled(components.map((name) => this.#component(name))),
      Promise.all([...need.unread].map(([name, unread]) => this.#read(name, unread))),
    ]);
    for (const [i, name] of capabilities.entries()) {
      need.take(() => world.learnCapability(name, settled(asCapabilities[i])));
    }
    for (const [i, name] of components.entries()) {
      need.take(() => world.learnComponent(name, settled(asComponents[i])));
    }
    if (need.names) world.names = [...((await this.#universe.names?.()) ?? [])];
  }

  #capability(name: string): Promise<Capability | undefined> {
    return once(this.#capabilities, name, async () => this.#universe.capability(name));
  }

  #component(name: string): Promise<Listing | undefined> {
    return once(this.#components, name, async () => {
      const candidates = await this.#universe.candidates(name);
      if (candidates === undefined) return undefined;
      const listing = listingOf(name, candidates, this.#root, this.#options, this.#versions);
      const likely = listing.candidates[0];
      if (likely !== undefined) {
        this.#ahead(requestsOf(likely.candidate, this.#root.settings).map((request) => request.name));
      }
      return listing;
    });
  }

  /** Has the universe read unread candidates of a component, which are listed as they are from then on. */
  async #read(name: string, unread: readonly Candidate[]): Promise<void> {
    const candidates = await readFrom(this.#universe, unread);
    const listing = listingOf(name, candidates, this.#root, this.#options, this.#versions);
    this.#components.set(name, Promise.resolve(listing));
  }

  #ahead(names: readonly string[]): void {
    for (const name of names) {
      // What fails here fails again where it is needed, and only there it matters.
      this.#guess(name).catch(() => undefined);
    }
  }

  async #guess(name: string): Promise<void> {
    const likely = own(this.#root.providers, name) ?? this.#likely(name, await this.#capability(name));
    if (likely === undefined || this.#components.has(likely)) return;
    this.#universe.prefetch?.([likely]);
    await this.#component(likely);
  }

  #likely(name: string, capability: Capability | undefined): string | undefined {
    if (capability === undefined) return name;
    const { providers } = capability;
    const locked = providers.find((provider) => this.#options.preferred?.has(provider));
    return locked ?? capability.default ?? (providers.length === 1 ? providers[0] : undefined);
  }
}

/** @throws TypeError where the universe lists unread candidates and has no `read`. */
export function readFrom(universe: Universe, unread: readonly Candidate[]): ReturnType<ReadFunction> {
  if (universe.read === undefined) throw new TypeError('this universe has unread candidates, but no `read`');
  return universe.read(unread);
}

function settled<T>(answer: PromiseSettledResult<T> | undefined): T | undefined {
  if (answer?.status === 'rejected') throw answer.reason;
  return answer?.value;
}

type ReadFunction = Exclude<Universe['read'], undefined>;

function once<T>(asked: Map<string, Promise<T>>, name: string, ask: () => Promise<T>): Promise<T> {
  let answer = asked.get(name);
  if (answer === undefined) {
    answer = ask();
    asked.set(name, answer);
  }
  return answer;
}
