import type { Components, FoundVariant } from 'bunny-libos-namespace';
import { OnceMap } from 'bunny-libos-oci';
import type { Candidate, Capability, Universe } from 'bunny-libos-solver';
import { type CapabilityDeclaration, own } from 'bunny-libos-spec';
import { candidateOf, type Eligibility, eligible } from './eligible.js';

export interface RegistryUniverseOptions extends Eligibility {
  namespace: Components;
  /** Component -> a variant that a lock pins, whether or not the registry still lists it. */
  pins?: ReadonlyMap<string, FoundVariant> | undefined;
}

/** The solver's view of a framework's namespace: every version of every component that it asks for. */
export class RegistryUniverse implements Universe {
  readonly #options: RegistryUniverseOptions;
  readonly #candidates = new OnceMap<string, Candidate[] | undefined>();

  constructor(options: RegistryUniverseOptions) {
    this.#options = options;
  }

  candidates(name: string): Promise<Candidate[] | undefined> {
    return this.#candidates.get(name, () => this.#read(name));
  }

  capability(name: string): Capability | undefined {
    return declaredCapability(this.#options.rules.capabilities, name);
  }

  prefetch(names: readonly string[]): void {
    for (const name of names) {
      // A failure shows when the candidates are asked for.
      if (this.capability(name) === undefined) this.candidates(name).catch(() => undefined);
    }
  }

  /** Components that the catalog has, and capabilities that the rules declare. */
  async names(): Promise<string[]> {
    const { namespace, rules } = this.#options;
    const components = (await namespace.names?.()) ?? [];
    return [...new Set([...components, ...Object.keys(rules.capabilities)])].sort();
  }

  /** All variants of a component with the base that holds them. Undefined where no base has it. */
  variants(name: string): Promise<FoundVariant[] | undefined> {
    return this.#options.namespace.variants(name);
  }

  async #read(name: string): Promise<Candidate[] | undefined> {
    const component = await this.#options.namespace.component(name);
    const variants = await this.variants(name);
    if (component === undefined || variants === undefined) return undefined;
    const pin = this.#options.pins?.get(name);
    const listed = variants.filter(({ layerHash }) => layerHash !== pin?.layerHash);
    const all = pin === undefined ? variants : [...listed, pin];
    return eligible(all, this.#options).map((variant) =>
      candidateOf(variant, component.repository.isYanked(variant.identity.version)),
    );
  }
}

/** A capability as the rules of the tooling layer declare it. Undefined for any other name. */
function declaredCapability(
  capabilities: Readonly<Record<string, CapabilityDeclaration>>,
  name: string,
): Capability | undefined {
  const declared = own(capabilities, name);
  if (declared === undefined) return undefined;
  const providers = [...declared.providers].sort();
  return declared.default === undefined ? { providers } : { providers, default: declared.default };
}
