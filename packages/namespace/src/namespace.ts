import { OnceMap } from 'bunny-libos-oci';
import { catalogRepository, variantTag } from 'bunny-libos-spec';
import { readCatalogNames } from './catalog/repository.js';
import type { MetadataCache } from './component/metadata-cache.js';
import { ComponentRepository, type ReadOptions } from './component/repository.js';
import type { FoundVariant } from './component/variant.js';
import type { Bases } from './source/bases.js';
import { sameBase, unbound } from './source/registry-binding.js';

/** What a lock says of where a component came from. */
export interface Binding {
  /** Base reference. */
  from: string;
  version: string;
  layerHash: string;
}

export interface NamespaceOptions {
  bases: Bases;
  framework: string;
  cache: MetadataCache;
  /** Component -> where the lock has it from. */
  bound?: ReadonlyMap<string, Binding> | undefined;
  offline?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** A component on the one base that it is taken from. */
export interface BoundComponent {
  from: string;
  repository: Pick<
    ComponentRepository,
    'versions' | 'variants' | 'isYanked' | 'deprecation' | 'verify' | 'all' | 'save' | 'statements' | 'tags'
  >;
}

/** What resolution needs of a namespace. */
export type Components = Pick<Namespace, 'component' | 'variants'> & Partial<Pick<Namespace, 'names'>>;

/**
 * A framework's components over several bases. Each name is bound to one base: that of the lock, else the
 * first in order that has it. The others are not asked for more versions of it, so that nobody who may
 * write to a later (or newly added) registry can take a name over. A base that does not answer is an
 * error, never a reason to ask the next one.
 */
export class Namespace {
  readonly #options: NamespaceOptions;
  readonly #components = new OnceMap<string, BoundComponent | undefined>();

  constructor(options: NamespaceOptions) {
    this.#options = options;
  }

  /** Undefined where no base has the component. Throws BUNNY_EBINDING, and what the registry throws. */
  component(name: string): Promise<BoundComponent | undefined> {
    return this.#components.get(name, () => this.#find(name));
  }

  /** Every variant of a component, with the base that holds it. Undefined where no base has it. */
  async variants(name: string): Promise<FoundVariant[] | undefined> {
    const component = await this.component(name);
    if (component === undefined) return undefined;
    const { from, repository } = component;
    return (await repository.all()).map((variant) => ({ ...variant, from }));
  }

  /** Names of all components, as far as the catalogs tell: a help for misspelt ones, so never an error. None offline. */
  async names(): Promise<string[]> {
    const { bases, framework, offline, signal } = this.#options;
    if (offline) return [];
    const lists = await Promise.all(
      bases.references.map((base) =>
        readCatalogNames(bases.repository(base, framework, catalogRepository), { signal }).catch(() => []),
      ),
    );
    return [...new Set(lists.flat())].sort();
  }

  /** Whether a version is known to be yanked: no registry is asked. */
  async isYanked(name: string, version: string): Promise<boolean> {
    const component = await this.#components.peek(name);
    return component?.repository.isYanked(version) ?? false;
  }

  /** Why a version of a component that was looked at is deprecated; undefined where it is not. As `ComponentRepository.deprecation`. */
  async deprecation(name: string, version: string): Promise<string | undefined> {
    return (await this.#components.peek(name))?.repository.deprecation(version);
  }

  /** Remembers what was learnt, for the next run. */
  async save(): Promise<void> {
    const found = await Promise.allSettled(this.#components.values());
    await Promise.all(
      found.map((each) => (each.status === 'fulfilled' ? each.value?.repository.save() : undefined)),
    );
  }

  async #find(name: string): Promise<BoundComponent | undefined> {
    const { bases, bound } = this.#options;
    const binding = bound?.get(name);
    if (binding === undefined) {
      for (const from of bases.references) {
        const repository = await this.#open(name, from);
        if (repository.versions.length > 0) return { from, repository };
        await repository.save();
      }
      return undefined;
    }
    const same = bases.references.find((reference) => sameBase(bases, reference, binding.from));
    if (same !== undefined) return { from: same, repository: await this.#open(name, same) };
    return await this.#mirrored(name, binding);
  }

  /** The lock's base is not among those given: one that holds the very variant is a copy of it. */
  async #mirrored(name: string, binding: Binding): Promise<BoundComponent | undefined> {
    const { bases } = this.#options;
    const others: string[] = [];
    for (const from of bases.references) {
      const repository = await this.#open(name, from);
      if (repository.has(variantTag(binding.version, binding.layerHash))) return { from, repository };
      if (repository.versions.length > 0) others.push(from);
    }
    throw unbound(name, binding.from, others);
  }

  #open(name: string, from: string): Promise<ComponentRepository> {
    const { bases, framework, cache, offline, signal } = this.#options;
    if (!offline) bases.requireThere(from);
    const options: ReadOptions = {
      cache,
      offline,
      signal,
    };
    return ComponentRepository.open(bases.repository(from, framework, name), { framework, name }, options);
  }
}
