import type { FoundVariant } from 'bunny-libos-namespace';
import type { Requirement, Root } from 'bunny-libos-solver';
import { holds, type Options, own } from 'bunny-libos-spec';
import semver from 'semver';
import { hasOptions } from './eligible.js';
import type { LazyUniverse } from './lazy-universe.js';

/**
 * Reads at the same time what a search would otherwise come upon bit by bit: for each requirement of the
 * root, and of each variant found on the way, the variant that would be chosen if it were the only one.
 * Guesses that turn out wrong cost a request and change no answer; what fails here fails again where it
 * is needed.
 */
export async function readAhead(
  root: Root,
  universe: LazyUniverse,
  pins: ReadonlyMap<string, FoundVariant>,
): Promise<void> {
  const guesses = new Guesses(root, universe, pins);
  guesses.follow({ ...root.base, ...root.requirements });
  await guesses.settled();
}

class Guesses {
  readonly #root: Root;
  readonly #universe: LazyUniverse;
  readonly #pins: ReadonlyMap<string, FoundVariant>;
  readonly #asked = new Set<string>();
  readonly #tasks: Promise<void>[] = [];

  constructor(root: Root, universe: LazyUniverse, pins: ReadonlyMap<string, FoundVariant>) {
    this.#root = root;
    this.#universe = universe;
    this.#pins = pins;
  }

  follow(
    requirements: Readonly<Record<string, Requirement>>,
    options: Readonly<Record<string, string | number | boolean>> = {},
  ): void {
    const facts = { ...this.#root.settings, ...options };
    for (const [name, requirement] of Object.entries(requirements)) {
      if (holds(requirement.when, facts)) this.#ask(name, requirement);
    }
  }

  async settled(): Promise<void> {
    // More are added while the first ones are under way.
    for (const task of this.#tasks) await task;
  }

  #ask(name: string, requirement: Requirement): void {
    const { version, options } = requirement;
    const key = JSON.stringify([name, version, Object.entries(options ?? {}).sort()]);
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const range = rangeOf(version);
    if (range === undefined) return;
    const providers = this.#providers(name);
    const tasks =
      providers === undefined
        ? [this.#guess(name, { range, options })]
        : providers.map((provider) => this.#guess(provider, { range, options, capability: name }));
    for (const task of tasks) this.#tasks.push(task.catch(() => undefined));
  }

  /** Those whom the solver would try first. Undefined where the name is a component's. */
  #providers(name: string): readonly string[] | undefined {
    const chosen = own(this.#root.providers, name);
    if (chosen !== undefined) return [chosen];
    const declared = this.#universe.capability(name);
    if (declared === undefined) return undefined;
    const { providers, default: byDefault } = declared;
    const direct = providers.filter((provider) => own(this.#root.requirements, provider) !== undefined);
    const locked = providers.filter((provider) => this.#pins.has(provider));
    const [first = byDefault] = [...direct, ...locked];
    return first === undefined ? providers : [first];
  }

  /** Follows what a component would be if nothing else were asked of it, or as a provider. */
  async #guess(
    name: string,
    {
      range,
      options,
      capability,
    }: { range: semver.Range; options: Options | undefined; capability?: string },
  ): Promise<void> {
    const { settings, constraints } = this.#root;
    const wanted = own(constraints, name)?.options;
    const serves = ({ identity }: FoundVariant) =>
      Object.entries(identity.settings).every(([setting, value]) => settings[setting] === value) &&
      (capability === undefined || range.test(own(identity.provides, capability) ?? '')) &&
      hasOptions(identity.options, options) &&
      hasOptions(identity.options, wanted);
    const mayBe = (version: string) => capability !== undefined || range.test(version);
    const pin = this.#pins.get(name);
    if (pin !== undefined && mayBe(pin.identity.version) && serves(pin)) {
      this.follow(pin.identity.dependencies, pin.identity.options);
      return;
    }
    for (const version of await this.#universe.versions(name)) {
      if (!mayBe(version)) continue;
      const found = (await this.#universe.usable(name, version)).find(serves);
      if (found === undefined) continue;
      this.follow(found.identity.dependencies, found.identity.options);
      return;
    }
  }
}

function rangeOf(text: string): semver.Range | undefined {
  try {
    return new semver.Range(text);
  } catch {
    return undefined;
  }
}
