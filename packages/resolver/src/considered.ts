import type { Candidate, Capability, Requirement, Root, Universe } from '@bunny/solver';
import { holds } from '@bunny/spec';
import semver from 'semver';
import { candidateOf, type Eligibility, eligible, hasOptions } from './eligible.js';
import type { BoundComponent, Components } from './namespace.js';
import { declaredCapability } from './registry-universe.js';
import type { FoundVariant } from './variant.js';

export interface ConsideredOptions extends Eligibility {
  root: Root;
  namespace: Components;
  /** Component -> the variant that the lock pins and that should stay. */
  pins: ReadonlyMap<string, FoundVariant>;
  strategy?: 'highest' | 'lowest';
  /** How many versions that could serve it are looked at for each requirement, where `depths` does not say. */
  depth: number;
  /** Component -> the same for requirements that it meets. */
  depths?: ReadonlyMap<string, number>;
}

interface Considered {
  /** By layer hash. */
  variants: Map<string, FoundVariant>;
  /** Versions of which every variant is known. */
  versions: Set<string>;
  yanked: Set<string>;
}

/**
 * The part of a namespace that a resolution has to look at: a universe of the versions that it could
 * choose, found before it begins, so that a version which nobody would choose costs no request.
 *
 * It is the least set that holds, for each requirement of the root and of every usable variant in the
 * set, the pinned variant where that serves the requirement, else the first `depth` versions in order of
 * preference with a variant that serves it. As a least fixed point it is unique: it depends on what the
 * registry, the lock and the root say, not on which answer comes first nor on what was cached.
 *
 * A closure found in it is valid in the whole namespace, as it holds only what is published. `undercut`
 * tells whether a component of it could be exchanged for a version that was left out and is preferred;
 * where none can, the closure is as good in the whole namespace as it is here. docs/resolution.md has
 * the argument.
 */
export class ConsideredVersions implements Universe {
  readonly #options: ConsideredOptions;
  readonly #components = new Map<string, Considered>();
  readonly #failures = new Map<string, unknown>();
  readonly #demanded = new Set<string>();
  readonly #tasks: Promise<void>[] = [];
  /** Capability -> components named by the root that provide it. */
  readonly #direct = new Map<string, string[]>();

  private constructor(options: ConsideredOptions) {
    this.#options = options;
  }

  static async gather(options: ConsideredOptions): Promise<ConsideredVersions> {
    const considered = new ConsideredVersions(options);
    await considered.#begin();
    return considered;
  }

  candidates(name: string): Candidate[] | undefined {
    if (this.#failures.has(name)) throw this.#failures.get(name);
    const considered = this.#components.get(name);
    if (considered === undefined) return undefined;
    const variants = eligible([...considered.variants.values()], this.#options);
    return variants.map((variant) => candidateOf(variant, considered.yanked.has(variant.identity.version)));
  }

  capability(name: string): Capability | undefined {
    return declaredCapability(this.#options.rules.capabilities, name);
  }

  /** A variant of the set. */
  variant(name: string, layerHash: string): FoundVariant | undefined {
    return this.#components.get(name)?.variants.get(layerHash);
  }

  /**
   * Components of a closure in place of which a version that was left out is preferred and meets every
   * range that the closure and the root ask of it by name. Empty: nothing that was left out matters.
   */
  async undercut(closure: ReadonlyMap<string, { candidate: Candidate }>): Promise<string[]> {
    const ranges = this.#rangesByName(closure);
    const found: string[] = [];
    for (const [name, { candidate }] of closure) {
      if (candidate.id === this.#options.pins.get(name)?.layerHash) continue;
      const component = await this.#options.namespace.component(name);
      const versions = this.#components.get(name)?.versions;
      if (component === undefined || versions === undefined) continue;
      const asked = ranges.get(name) ?? [];
      const better = this.#ordered(component).find(
        (version) =>
          version === candidate.version ||
          (!versions.has(version) && asked.every((range) => semver.satisfies(version, range))),
      );
      if (better !== undefined && better !== candidate.version) found.push(name);
    }
    return found;
  }

  async #begin(): Promise<void> {
    const { root } = this.#options;
    const asked = [...this.#active(root.requirements), ...this.#active(root.base ?? {})];
    const components = asked.filter(([name]) => this.#declaredProviders(name) === undefined);
    // What the root names counts among the providers of what it provides: that is known first.
    await Promise.all(components.map(([name, requirement]) => this.#component(name, requirement)));
    for (const [name] of components) this.#noteProvided(name);
    for (const [name, requirement] of asked) this.#demand(name, requirement);
    for (const task of this.#tasks) await task;
  }

  #demand(name: string, requirement: Requirement): void {
    const key = JSON.stringify([name, requirement.version, Object.entries(requirement.options ?? {}).sort()]);
    if (this.#demanded.has(key)) return;
    this.#demanded.add(key);
    const providers = this.#providers(name);
    if (providers === undefined) {
      this.#tasks.push(this.#component(name, requirement).then(() => this.#follow(name)));
      return;
    }
    for (const provider of providers) {
      const serves = ({ identity: { provides, options } }: FoundVariant) =>
        Object.hasOwn(provides, name) &&
        semver.satisfies(provides[name] ?? '', requirement.version) &&
        hasOptions(options, requirement.options);
      this.#tasks.push(this.#consider(provider, () => true, serves).then(() => this.#follow(provider)));
    }
  }

  #component(name: string, { version: range, options }: Requirement): Promise<void> {
    return this.#consider(
      name,
      (version) => semver.satisfies(version, range),
      (variant) => hasOptions(variant.identity.options, options),
    );
  }

  /** Takes in the versions of a component that come first among those that may, until enough could serve. */
  async #consider(
    name: string,
    mayBe: (version: string) => boolean,
    serves: (variant: FoundVariant) => boolean,
  ): Promise<void> {
    const { pins, namespace, depths, root } = this.#options;
    const depth = depths?.get(name) ?? this.#options.depth;
    try {
      const pin = pins.get(name);
      if (pin !== undefined) this.#entry(name).variants.set(pin.layerHash, pin);
      let count = 0;
      const wanted = own(root.constraints, name)?.options;
      const isRight = (variant: FoundVariant) =>
        this.#isUsable(variant) && serves(variant) && hasOptions(variant.identity.options, wanted);
      if (pin !== undefined && mayBe(pin.identity.version) && isRight(pin)) count++;
      if (count >= depth) return;
      const component = await namespace.component(name);
      if (component === undefined) return;
      const entry = this.#entry(name);
      for (const version of this.#ordered(component)) {
        if (!mayBe(version)) continue;
        const variants = await component.repository.variants(version);
        const found = variants.map((variant) => ({ ...variant, from: component.from }));
        for (const variant of found) {
          if (!entry.variants.has(variant.layerHash)) entry.variants.set(variant.layerHash, variant);
        }
        entry.versions.add(version);
        if (component.repository.isYanked(version)) {
          entry.yanked.add(version);
          continue;
        }
        const isServed = found.some(isRight);
        if (isServed && ++count >= depth) return;
      }
    } catch (error) {
      this.#failures.set(name, error);
    }
  }

  /** Demands what the usable variants of a component need. */
  #follow(name: string): void {
    const considered = this.#components.get(name);
    if (considered === undefined) return;
    for (const { identity, ...variant } of considered.variants.values()) {
      if (!this.#isUsable({ identity, ...variant })) continue;
      const needs = this.#active(identity.dependencies, identity.options);
      for (const [needed, requirement] of needs) this.#demand(needed, requirement);
    }
  }

  #noteProvided(name: string): void {
    const considered = this.#components.get(name);
    for (const variant of considered?.variants.values() ?? []) {
      if (!this.#isUsable(variant)) continue;
      for (const capability of Object.keys(variant.identity.provides)) {
        const providers = this.#direct.get(capability) ?? [];
        if (!providers.includes(name)) this.#direct.set(capability, [...providers, name]);
      }
    }
  }

  /** The components that are looked at for a capability. Undefined where the name is a component's. */
  #providers(name: string): readonly string[] | undefined {
    const { root, pins, depth } = this.#options;
    const declared = this.#declaredProviders(name);
    const direct = this.#direct.get(name) ?? [];
    if (declared === undefined && direct.length === 0) return undefined;
    const chosen = root.providers !== undefined && Object.hasOwn(root.providers, name);
    if (chosen) return [root.providers?.[name] ?? name];
    const listed = declared ?? [];
    if (depth > 1) return [...new Set([...direct, ...listed])];
    if (direct.length > 0) return direct;
    const locked = listed.filter((provider) => pins.has(provider));
    if (locked.length > 0) return locked;
    const byDefault = this.capability(name)?.default;
    return byDefault === undefined ? listed : [byDefault];
  }

  #declaredProviders(name: string): readonly string[] | undefined {
    const { providers } = this.#options.root;
    const capability = this.capability(name);
    if (capability !== undefined) return capability.providers;
    return providers !== undefined && Object.hasOwn(providers, name) ? [] : undefined;
  }

  #active(
    requirements: Readonly<Record<string, Requirement>>,
    options: Readonly<Record<string, string | number | boolean>> = {},
  ): [string, Requirement][] {
    const facts = { ...this.#options.root.settings, ...options };
    return Object.entries(requirements).filter(([, { when }]) => holds(when, facts));
  }

  #rangesByName(closure: ReadonlyMap<string, { candidate: Candidate }>): Map<string, string[]> {
    const { root } = this.#options;
    const ranges = new Map<string, string[]>();
    const add = (requirements: [string, Requirement][]) => {
      for (const [name, { version }] of requirements) {
        const known = ranges.get(name);
        if (known === undefined) ranges.set(name, [version]);
        else known.push(version);
      }
    };
    add(this.#active(root.requirements));
    add(this.#active(root.base ?? {}));
    for (const { candidate } of closure.values()) {
      add(this.#active(candidate.dependencies ?? {}, candidate.options));
    }
    return ranges;
  }

  #entry(name: string): Considered {
    let entry = this.#components.get(name);
    if (entry === undefined) {
      entry = { variants: new Map(), versions: new Set(), yanked: new Set() };
      this.#components.set(name, entry);
    }
    return entry;
  }

  #isUsable(variant: FoundVariant): boolean {
    const { settings } = variant.identity;
    const { root } = this.#options;
    return (
      Object.entries(settings).every(([name, value]) => root.settings[name] === value) &&
      eligible([variant], this.#options).length > 0
    );
  }

  /** Versions, most preferred first. */
  #ordered({ repository }: BoundComponent): readonly string[] {
    return this.#options.strategy === 'lowest' ? repository.versions.toReversed() : repository.versions;
  }
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
