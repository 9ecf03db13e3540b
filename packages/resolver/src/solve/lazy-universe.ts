import type { BoundComponent, FoundVariant } from 'bunny-libos-namespace';
import { OnceMap } from 'bunny-libos-oci';
import type { Candidate } from 'bunny-libos-solver';
import type { Settings } from 'bunny-libos-spec';
import type { Admission } from './admission.js';
import { candidateOf, eligible } from './eligible.js';
import { RegistryUniverse, type RegistryUniverseOptions } from './registry-universe.js';

export interface LazyUniverseOptions extends RegistryUniverseOptions {
  pins: ReadonlyMap<string, FoundVariant>;
  strategy?: 'highest' | 'lowest' | undefined;
  /** What may be chosen at all, for which settings; anything where left out. */
  admission?: { by: Admission; settings: Settings } | undefined;
}

interface Opened {
  component: BoundComponent;
  /** Versions of which every variant is known. */
  versions: Map<string, readonly FoundVariant[]>;
  /** How often the solver wanted to know more. */
  rounds: number;
}

/**
 * The solver's view of a framework's namespace, read as far as it matters: of a component that is pinned
 * nothing but the pin, of others the list of tags, and of a version its variants, each when the solver
 * comes upon it. What was read before has no say in the answer: what is not read yet is there as an
 * unread candidate.
 */
export class LazyUniverse extends RegistryUniverse {
  readonly #options: LazyUniverseOptions;
  readonly #opened = new OnceMap<string, Opened | undefined>();
  /** By component, then layer hash. */
  readonly #seen = new Map<string, Map<string, FoundVariant>>();

  constructor(options: LazyUniverseOptions) {
    super(options);
    this.#options = options;
    for (const [name, pin] of options.pins) this.#seen.set(name, new Map([[pin.layerHash, pin]]));
  }

  override async candidates(name: string): Promise<Candidate[] | undefined> {
    const pinned = this.#pinned(name);
    if (pinned.length > 0 && !this.#opened.has(name)) {
      return [...pinned.map((pin) => candidateOf(pin)), { name, version: '', id: '', unread: true }];
    }
    const opened = await this.#open(name);
    return opened && this.#list(name, opened);
  }

  /** Reads these versions, and where it comes to one after the other, ever more of the next ones with it. */
  async read(unread: readonly Candidate[]): Promise<Candidate[]> {
    const name = unread[0]?.name ?? '';
    const opened = await this.#open(name);
    if (opened === undefined) return this.#pinned(name).map((pin) => candidateOf(pin));
    const versions = unread.flatMap(({ version }) => (version === '' ? [] : [version]));
    const [version, other] = versions;
    if (version !== undefined && other === undefined) {
      const later = this.#ordered(opened).filter(
        (each) => !opened.versions.has(each) && !opened.component.repository.isYanked(each),
      );
      const from = later.indexOf(version) + 1;
      for (const each of later.slice(from, from + 4 ** opened.rounds++ - 1)) versions.push(each);
    }
    await Promise.all(versions.map((each) => this.#variantsOf(name, opened, each)));
    return this.#list(name, opened);
  }

  /** Whether it is known which versions a component has. */
  isOpen(name: string): boolean {
    return this.#opened.has(name);
  }

  /** The candidates of a component as far as they are known: nothing is asked for. */
  async known(name: string): Promise<Candidate[]> {
    if (this.#opened.has(name)) return (await this.candidates(name)) ?? [];
    const rest = { name, version: '', id: '', unread: true };
    return [...this.#pinned(name).map((pin) => candidateOf(pin)), rest];
  }

  /** A variant that the solver chose. */
  variant(name: string, layerHash: string): FoundVariant | undefined {
    return this.#seen.get(name)?.get(layerHash);
  }

  /** The versions of a component that are not yanked, most preferred first. None where there is no such component. */
  async versions(name: string): Promise<string[]> {
    const opened = await this.#open(name);
    if (opened === undefined) return [];
    return this.#ordered(opened).filter((version) => !opened.component.repository.isYanked(version));
  }

  /** The usable variants of a version, most preferred first. */
  async usable(name: string, version: string): Promise<FoundVariant[]> {
    const opened = await this.#open(name);
    if (opened === undefined) return [];
    const usable = eligible(await this.#variantsOf(name, opened, version), this.#options);
    return usable.sort((left, right) => left.deviations - right.deviations);
  }

  #open(name: string): Promise<Opened | undefined> {
    return this.#opened.get(name, async () => {
      const component = await this.#options.namespace.component(name);
      return component && { component, versions: new Map(), rounds: 0 };
    });
  }

  async #variantsOf(
    name: string,
    { component, versions }: Opened,
    version: string,
  ): Promise<readonly FoundVariant[]> {
    const known = versions.get(version);
    if (known !== undefined) return known;
    const { admission } = this.#options;
    const variants = await component.repository.variants(version);
    const all = variants.map((variant) => ({ ...variant, from: component.from }));
    const found =
      admission === undefined ? all : await admission.by.admitted(component, all, admission.settings);
    versions.set(version, found);
    const seen = this.#seen.get(name) ?? new Map<string, FoundVariant>();
    this.#seen.set(name, seen);
    for (const variant of found) if (!seen.has(variant.layerHash)) seen.set(variant.layerHash, variant);
    return found;
  }

  #list(name: string, { component: { repository }, versions }: Opened): Candidate[] {
    const pinned = this.#pinned(name);
    const listed = repository.versions.flatMap((version) => {
      const yanked = repository.isYanked(version);
      const pins = pinned.filter(({ identity }) => identity.version === version);
      const variants = versions.get(version);
      if (variants === undefined) {
        const unread = { name, version, id: version, unread: true, yanked };
        return [...pins.map((pin) => candidateOf(pin, yanked)), unread];
      }
      const others = variants.filter(({ layerHash }) => !pins.some((pin) => pin.layerHash === layerHash));
      return eligible([...others, ...pins], this.#options).map((variant) => candidateOf(variant, yanked));
    });
    const gone = pinned.filter(({ identity }) => !repository.versions.includes(identity.version));
    return [...listed, ...gone.map((pin) => candidateOf(pin))];
  }

  /** The pin of a component, if it links. */
  #pinned(name: string): FoundVariant[] {
    const pin = this.#options.pins.get(name);
    return pin === undefined ? [] : eligible([pin], this.#options);
  }

  #ordered({ component: { repository } }: Opened): readonly string[] {
    return this.#options.strategy === 'lowest' ? repository.versions.toReversed() : repository.versions;
  }
}
