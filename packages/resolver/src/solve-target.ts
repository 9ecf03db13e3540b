import type { Candidate, Root, Selected, Solution, SolveOptions } from '@bunny/solver';
import { solve } from '@bunny/solver';
import { ConsideredVersions } from './considered.js';
import type { Eligibility } from './eligible.js';
import type { Components } from './namespace.js';
import { RegistryUniverse } from './registry-universe.js';
import type { FoundVariant } from './variant.js';

/** Versions looked at for each requirement, round by round; after them, all there are. */
const depths = [1, 4, 16];
/** Rounds in which components of an answer are looked at more closely, before all versions are. */
const refinements = 8;

export interface SolveTargetOptions extends Omit<Eligibility, 'pinned'> {
  root: Root;
  namespace: Components;
  /** Component -> the variant that a lock pins: kept wherever the root allows. */
  pins: ReadonlyMap<string, FoundVariant>;
  strategy?: 'highest' | 'lowest';
  /** Decisions after which a search is given up; as the solver has it where left out. */
  budget?: number;
}

/** One member of a solved closure. */
export interface SolvedComponent extends Selected {
  variant: FoundVariant;
}

export type SolvedTarget =
  | { solved: true; closure: ReadonlyMap<string, SolvedComponent> }
  | Extract<Solution, { solved: false }>;

/**
 * Solves one closure against a namespace, with as few versions read as will do: first those that each
 * requirement would choose by itself, then more of them where that has no answer, or one that a version
 * not looked at could better. A failure is that of the whole namespace, but for a search that is given up.
 */
export async function solveOverNamespace(request: SolveTargetOptions): Promise<SolvedTarget> {
  const { root, namespace, pins, strategy, budget } = request;
  const pinned = new Set([...pins.values()].map(({ layerHash }) => layerHash));
  const options = { ...request, pinned };
  const solveOptions: SolveOptions = {
    preferred: new Map([...pins].map(([name, { layerHash }]) => [name, layerHash])),
    ...(strategy === undefined ? {} : { strategy }),
    ...(budget === undefined ? {} : { budget }),
  };
  for (const depth of depths) {
    const closer = new Map<string, number>();
    for (let round = 0; round < refinements; round++) {
      const considered = await ConsideredVersions.gather({ ...options, depth, depths: closer });
      const solution = await solve(root, considered, solveOptions);
      if (!solution.solved) {
        // The search was given up: with more to choose from it would be no shorter.
        if (solution.failure.kind === 'budget') return solution;
        break;
      }
      const undercut = await considered.undercut(solution.closure);
      if (undercut.length === 0) {
        return withVariants(solution.closure, async ({ name, id }) => considered.variant(name, id));
      }
      for (const name of undercut) closer.set(name, 4 * (closer.get(name) ?? depth));
    }
  }
  const solution = await solve(root, new RegistryUniverse(options), solveOptions);
  if (!solution.solved) return solution;
  return withVariants(solution.closure, async ({ name, id }) => {
    const pin = pins.get(name);
    if (pin?.layerHash === id) return pin;
    return (await namespace.variants(name))?.find(({ layerHash }) => layerHash === id);
  });
}

async function withVariants(
  closure: ReadonlyMap<string, Selected>,
  find: (candidate: Candidate) => Promise<FoundVariant | undefined>,
): Promise<SolvedTarget> {
  const members = await Promise.all(
    [...closure].map(async ([name, selected]) => {
      const variant = await find(selected.candidate);
      if (variant === undefined) throw new Error(`the solver chose an unknown variant of ${name}`);
      return [name, { ...selected, variant }] as const;
    }),
  );
  return { solved: true, closure: new Map(members) };
}
