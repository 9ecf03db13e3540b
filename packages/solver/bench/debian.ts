import { type MemoryUniverse, memoryUniverse } from '../src/search/memory.js';
import type { Candidate } from '../src/search/universe.js';
import { type DebianPackage, DebianPackages, type Relation } from './debian-packages.js';

export interface Debian {
  universe: MemoryUniverse;
  names: string[];
  candidates: number;
  capabilities: number;
}

/** Name -> those of its versions that would do. */
type Options = Map<string, Set<DebianPackage>>;

/**
 * Debian's packages as components.
 *
 * Versions are not semver: those of a package are put in Debian's order, and the n-th one becomes n.0.0. What a
 * relation asks for is looked up here, and said as the versions that meet it: a package that it names, or one that
 * provides it. Alternatives (`a | b`, or a virtual package of several providers) become a capability, of which
 * each package that would do is a provider that needs the real one; the first is the default. All alternatives on
 * one name are one of these. Recommendations are left out.
 */
export function translate(packages: readonly DebianPackage[], native: string): Debian {
  return new Translation(packages, native).debian();
}

class Translation {
  readonly #all: readonly DebianPackage[];
  readonly #packages: DebianPackages;
  readonly #versions = new Map<DebianPackage, string>();
  readonly #counts = new Map<string, number>();
  readonly #candidates: Candidate[] = [];
  readonly #defaults: Record<string, { providers: string[]; default: string }> = {};

  constructor(packages: readonly DebianPackage[], native: string) {
    this.#all = packages;
    this.#packages = new DebianPackages(packages, native);
    for (const { name } of packages) {
      if (this.#counts.has(name)) continue;
      const versions = this.#packages.versions(name);
      this.#counts.set(name, versions.length);
      for (const [i, each] of versions.entries()) this.#versions.set(each, `${i + 1}.0.0`);
    }
  }

  debian(): Debian {
    for (const each of this.#all) this.#translate(each);
    return {
      universe: memoryUniverse(this.#candidates, this.#defaults),
      names: [...this.#counts.keys()],
      candidates: this.#candidates.length,
      capabilities: Object.keys(this.#defaults).length,
    };
  }

  #translate(package_: DebianPackage): void {
    const { name, version, depends, conflicts } = package_;
    const needs: Options = new Map();
    const dependencies: Record<string, { version: string }> = {};
    for (const alternatives of depends) {
      const options = this.#options(alternatives);
      // What is there anyway needs nobody else.
      if (options.get(name)?.has(package_)) continue;
      options.delete(name);
      const [only, ...others] = [...options];
      if (only === undefined) dependencies[`nothing that is ${alternatives[0]?.name}`] = { version: '*' };
      else if (others.length > 0) dependencies[this.#capability(options)] = { version: '*' };
      else needs.set(only[0], common(needs.get(only[0]), only[1]));
    }
    for (const [each, versions] of needs) dependencies[each] = { version: this.#range(each, versions) };
    const refused = [...this.#options(conflicts)].filter(([each]) => each !== name);
    this.#candidates.push({
      name,
      version: this.#versions.get(package_) ?? '0.0.0',
      id: version,
      dependencies,
      conflicts: Object.fromEntries(refused.map(([each, versions]) => [each, this.#range(each, versions)])),
    });
  }

  /** What meets any of the relations, by name, in their order. */
  #options(relations: readonly Relation[]): Options {
    const options: Options = new Map();
    for (const each of relations.flatMap((relation) => this.#packages.meeting(relation))) {
      options.set(each.name, (options.get(each.name) ?? new Set()).add(each));
    }
    return options;
  }

  /** A range that just these versions of a package are in. */
  #range(name: string, versions: ReadonlySet<DebianPackage>): string {
    if (versions.size === this.#counts.get(name)) return '*';
    return [...versions].map((each) => this.#versions.get(each)).join(' || ') || '<0.0.0';
  }

  #capability(options: Options): string {
    const ranges = [...options].map(([real, versions]) => [real, this.#range(real, versions)] as const);
    const name = ranges.map((range) => range.join(' ')).join(' | ');
    if (!Object.hasOwn(this.#defaults, name)) {
      const providers = ranges.map(([real, range], i) => {
        const provider = `${name} #${i}`;
        const dependencies = { [real]: { version: range } };
        const provides = { [name]: '1.0.0' };
        this.#candidates.push({ name: provider, version: '1.0.0', id: provider, dependencies, provides });
        return provider;
      });
      this.#defaults[name] = { providers, default: providers[0] ?? '' };
    }
    return name;
  }
}

function common<T>(known: ReadonlySet<T> | undefined, more: ReadonlySet<T>): Set<T> {
  return new Set([...more].filter((each) => known === undefined || known.has(each)));
}
