import { OnceMap, type Store } from 'bunny-libos-oci';
import { type CatalogEntry, catalogRepository } from 'bunny-libos-spec';
import { MetadataCache } from '../component/metadata-cache.js';
import { readVariants } from '../component/repository.js';
import type { Bases } from '../source/bases.js';
import { deriveCatalogEntry, readCatalogEntry, readCatalogNames } from './repository.js';

/** A catalog entry with the base reference that it was found under. */
export interface FoundEntry {
  entry: CatalogEntry;
  from: string;
}

export interface CatalogOptions {
  bases: Bases;
  framework: string;
  store: Store;
  /** Components to start from where there is no catalog: what they depend on is found from there. */
  seeds?: (() => Promise<readonly string[]>) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * What can be known of a framework's components without naming one: the catalogs of all bases, the first
 * one that has a name speaking for it. What a catalog lacks is derived from the component's own repository.
 */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #entries = new OnceMap<string, FoundEntry | undefined>();
  #names: Promise<ReadonlyMap<string, string | undefined>> | undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** Names of all components that are known, sorted. */
  async names(): Promise<string[]> {
    return [...(await this.#owners()).keys()].sort();
  }

  /** What is known of one component. Undefined where no base has it. */
  entry(name: string): Promise<FoundEntry | undefined> {
    return this.#entries.get(name, () => this.#read(name));
  }

  /** What is known of all components, sorted by name. */
  async entries(): Promise<FoundEntry[]> {
    const found = await Promise.all((await this.names()).map((name) => this.entry(name)));
    return found.filter((each) => each !== undefined);
  }

  async #read(name: string): Promise<FoundEntry | undefined> {
    const { bases, framework, store, signal } = this.#options;
    const transfer = { signal };
    const owner = (await this.#owners()).get(name);
    const component = { framework, name };
    if (owner !== undefined) {
      const catalog = bases.repository(owner, framework, catalogRepository);
      const entry = await readCatalogEntry(catalog, component, store, transfer);
      if (entry !== undefined) return { entry, from: owner };
    }
    const cache = MetadataCache.of(store);
    for (const base of bases.references) {
      const target = bases.repository(base, framework, name);
      const entry = await deriveCatalogEntry(target, component, { cache, ...transfer });
      if (entry !== undefined) return { entry, from: base };
    }
    return undefined;
  }

  /** Component -> the first base whose catalog has it; undefined for one that no catalog has. */
  #owners(): Promise<ReadonlyMap<string, string | undefined>> {
    this.#names ??= this.#readOwners();
    return this.#names;
  }

  async #readOwners(): Promise<ReadonlyMap<string, string | undefined>> {
    const { bases, framework, seeds, signal } = this.#options;
    const transfer = { signal };
    for (const base of bases.references) bases.requireThere(base);
    const lists = await Promise.all(
      bases.references.map(async (base) => ({
        base,
        names: await readCatalogNames(bases.repository(base, framework, catalogRepository), transfer),
      })),
    );
    const owners = new Map<string, string | undefined>();
    for (const { base, names } of lists) {
      for (const name of names) if (!owners.has(name)) owners.set(name, base);
    }
    if (owners.size === 0 && seeds !== undefined) {
      for (const name of await reachableNames(this.#options, await seeds())) owners.set(name, undefined);
    }
    return owners;
  }
}

/** Those of the seeds that exist, and every component that their versions depend on, however far away. */
export async function reachableNames(
  { bases, framework, store, signal }: CatalogOptions,
  seeds: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const seen = new Set(seeds);
  const cache = MetadataCache.of(store);
  const visit = async (name: string): Promise<void> => {
    for (const base of bases.references) {
      const variants = await readVariants(
        bases.repository(base, framework, name),
        { framework, name },
        { cache, signal },
      );
      if (variants === undefined) continue;
      found.add(name);
      const next = new Set(variants.flatMap(({ identity }) => Object.keys(identity.dependencies)));
      const unseen = [...next].filter((each) => !seen.has(each));
      for (const each of unseen) seen.add(each);
      await Promise.all(unseen.map(visit));
      return;
    }
  };
  await Promise.all(seeds.map(visit));
  return [...found].sort();
}
