import type { FoundVariant } from 'bunny-libos-namespace';
import { OnceMap } from 'bunny-libos-oci';
import { noSolution, type RegistryUniverse } from 'bunny-libos-resolver';
import { type Root, solve, type Universe } from 'bunny-libos-solver';
import { BunnyError, baseComponents, byText } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import { unmetDependencies } from '../checks/unmet-dependencies.js';
import type { LocalUniverse } from '../plan/local-universe.js';
import { type LocalVariant, variantLabel } from '../plan/local-variant.js';

/** A dependency as it is compiled against: from disk, or as published. */
export type CompileDependency =
  | { kind: 'local'; variant: LocalVariant }
  | { kind: 'published'; variant: FoundVariant };

export interface CompileClosure {
  /** Every component whose headers the sources may include, the variant itself left out, sorted by name. */
  members: readonly CompileDependency[];
  /** Name of a declared dependency (component or capability) -> the component that meets it. */
  direct: Readonly<Record<string, string>>;
}

/** Finds what a variant is compiled against. Answers are remembered, as many variants share theirs. */
export class ClosureSolver {
  readonly #universe: LocalUniverse;
  readonly #published: RegistryUniverse;
  readonly #local: ReadonlyMap<string, LocalVariant>;
  readonly #base = new OnceMap<string, CompileDependency[]>();

  constructor(variants: readonly LocalVariant[], universe: LocalUniverse, published: RegistryUniverse) {
    this.#universe = universe;
    this.#published = published;
    this.#local = new Map(variants.map((variant) => [variant.layerHash, variant]));
  }

  /** Throws BUNNY_ENOSOLUTION where the declared dependencies cannot be met. */
  async closureOf(variant: LocalVariant, rules: TargetRules): Promise<CompileClosure> {
    const { name, version, options } = variant.identity;
    const root: Root = {
      name: variantLabel(variant),
      requirements: { [name]: { version: `=${version}`, options } },
      settings: rules.settings,
    };
    const alone = await solve(root, standingAlone(variant, this.#universe));
    // Why there is none is told beside all there is.
    const solution = alone.solved ? alone : await solve(root, this.#universe);
    if (!solution.solved) throw unmetDependencies(solution.failure, variant);
    const { closure } = solution;
    const self = closure.get(name);
    return {
      members: await this.#members([...closure.values()].filter((each) => each !== self)),
      direct: self?.dependencies ?? {},
    };
  }

  /** What every image for a target holds, whatever its app asks for. */
  baseOf(rules: TargetRules): Promise<CompileDependency[]> {
    const key = JSON.stringify([rules.target.arch, rules.target.platform, rules.settings]);
    return this.#base.get(key, () => {
      const requirements = Object.fromEntries(
        Object.entries(baseComponents(rules.target, rules.settings)).map(([name, version]) => [
          name,
          { version },
        ]),
      );
      return this.#baseClosure({ name: 'base components', requirements, settings: rules.settings }, rules);
    });
  }

  /** The same as far as it can be found: a framework is published piece by piece at first. */
  async knownBaseOf(rules: TargetRules): Promise<CompileDependency[]> {
    try {
      return await this.baseOf(rules);
    } catch (error) {
      if (error instanceof BunnyError && error.code === 'BUNNY_ENOSOLUTION') return [];
      throw error;
    }
  }

  async #baseClosure(root: Root, rules: TargetRules): Promise<CompileDependency[]> {
    const solution = await solve(root, this.#universe);
    if (!solution.solved) throw noSolution(solution.failure, rules.where);
    return this.#members([...solution.closure.values()]);
  }

  async #members(
    selected: readonly { candidate: { name: string; id: string } }[],
  ): Promise<CompileDependency[]> {
    const members = await Promise.all(
      selected.map(async ({ candidate: { name, id } }): Promise<CompileDependency> => {
        const local = this.#local.get(id);
        if (local !== undefined) return { kind: 'local', variant: local };
        const published = (await this.#published.variants(name))?.find((each) => each.layerHash === id);
        if (published === undefined) throw new Error(`the solver chose an unknown variant of ${name}`);
        return { kind: 'published', variant: published };
      }),
    );
    return members.sort(byText(({ variant }) => variant.identity.name));
  }
}

/**
 * The universe in which a component is just this variant: of a component with thousands of them, each is solved for, and
 * would look at all the others.
 */
function standingAlone({ candidate }: LocalVariant, universe: Universe): Universe {
  return {
    candidates: (name) => (name === candidate.name ? [candidate] : universe.candidates(name)),
    capability: (name) => universe.capability(name),
  };
}
