import type { Candidate, Capability, Universe } from 'bunny-libos-solver';
import type { LocalVariant } from './local-variant.js';

/**
 * The components that are being published, in front of those that the registry has: a component that is
 * here is compiled against as it is here, together with other versions of it that are published.
 */
export class LocalUniverse implements Universe {
  readonly #local = new Map<string, Candidate[]>();
  readonly #providers = new Map<string, Set<string>>();
  readonly #published: Universe;

  constructor(variants: readonly LocalVariant[], published: Universe) {
    this.#published = published;
    for (const variant of variants) {
      const candidate = variant.candidate;
      append(this.#local, candidate.name, candidate);
      for (const capability of Object.keys(candidate.provides ?? {})) {
        const providers = this.#providers.get(capability) ?? new Set();
        this.#providers.set(capability, providers.add(candidate.name));
      }
    }
  }

  candidates(name: string): readonly Candidate[] | undefined | Promise<readonly Candidate[] | undefined> {
    return this.#local.get(name) ?? this.#published.candidates(name);
  }

  async names(): Promise<string[]> {
    const published = (await this.#published.names?.()) ?? [];
    return [...new Set([...this.#local.keys(), ...this.#providers.keys(), ...published])].sort();
  }

  async capability(name: string): Promise<Capability | undefined> {
    const local = this.#providers.get(name);
    const published = await this.#published.capability(name);
    if (local === undefined) return published;
    const providers = [...new Set([...local, ...(published?.providers ?? [])])].sort();
    return published?.default === undefined ? { providers } : { providers, default: published.default };
  }
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
