import type { Question } from './attempt.js';
import { type Listing, listingOf } from './listing.js';
import { readFrom } from './lookups.js';
import type { Candidate, Root, SolveOptions, Universe } from './universe.js';
import type { VersionReader } from './version.js';

/** Asks a universe that answers at once, for each component once. */
export class LookupsNow {
  readonly #universe: Universe;
  readonly #root: Root;
  readonly #options: SolveOptions;
  readonly #versions: VersionReader;
  readonly #listings = new Map<string, Listing | undefined>();

  constructor(universe: Universe, root: Root, options: SolveOptions, versions: VersionReader) {
    this.#universe = universe;
    this.#root = root;
    this.#options = options;
    this.#versions = versions;
  }

  /** @throws TypeError where the universe answers with a promise, or has unread candidates and cannot read them. */
  answer({ world, need }: Question): void {
    for (const name of need.capabilities) {
      need.take(() => world.learnCapability(name, now(this.#universe.capability(name))));
    }
    for (const name of need.components) {
      need.take(() => world.learnComponent(name, this.#component(name)));
    }
    for (const [name, unread] of need.unread) this.#note(name, now(readFrom(this.#universe, unread)));
    if (need.names) world.names = [...(now(this.#universe.names?.()) ?? [])];
  }

  #component(name: string): Listing | undefined {
    if (this.#listings.has(name)) return this.#listings.get(name);
    return this.#note(name, now(this.#universe.candidates(name)));
  }

  #note(name: string, candidates: readonly Candidate[] | undefined): Listing | undefined {
    const listing = candidates && listingOf(name, candidates, this.#root, this.#options, this.#versions);
    this.#listings.set(name, listing);
    return listing;
  }
}

function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new TypeError('this universe answers later: use solve, not solveSync');
  return answer;
}
