import type { Components, FoundVariant } from 'bunny-libos-namespace';
import { type Aim, type Root, type Selected, type Solution, solve } from 'bunny-libos-solver';
import type { Admission } from './admission.js';
import type { Eligibility } from './eligible.js';
import { LazyUniverse } from './lazy-universe.js';
import { readAhead } from './read-ahead.js';

export interface SolveTargetOptions extends Omit<Eligibility, 'pinned'> {
  root: Root;
  namespace: Components;
  /** Component -> the variant that a lock pins: kept wherever the root allows. */
  pins: ReadonlyMap<string, FoundVariant>;
  /** What is sought among all closures, beyond that. */
  aims?: readonly Aim[] | undefined;
  /** Components that a lock has and that are chosen anew all the same: preferred as providers, as those with pins are. */
  remembered?: readonly string[] | undefined;
  strategy?: 'highest' | 'lowest' | undefined;
  /** Decisions after which a search is given up; as the solver has it where left out. */
  budget?: number | undefined;
  /** What may be chosen at all; anything where left out. */
  admission?: Admission | undefined;
}

/** No variant has this layer hash. */
const noVariant = '';

/** One member of a solved closure. */
export interface SolvedComponent extends Selected {
  variant: FoundVariant;
}

export type SolvedTarget =
  | { solved: true; closure: ReadonlyMap<string, SolvedComponent>; universe: LazyUniverse }
  | Extract<Solution, { solved: false }>;

/**
 * Solves one closure against a namespace, with as few versions read as will do: those that the solver comes
 * upon. The answer is that of the whole namespace, and so is a failure, for which all of it is read that
 * has a part in it.
 */
export async function solveOverNamespace(request: SolveTargetOptions): Promise<SolvedTarget> {
  const { root, pins, aims, remembered = [], strategy, budget, admission: by } = request;
  const pinned = new Set([...pins.values()].map(({ layerHash }) => layerHash));
  const universe = new LazyUniverse({
    ...request,
    admission: by && { by, settings: root.settings },
    pinned,
  });
  await readAhead(root, universe, pins);
  const solution = await solve(root, universe, {
    preferred: new Map([
      ...remembered.map((name): [string, string] => [name, noVariant]),
      ...[...pins].map(([name, { layerHash }]): [string, string] => [name, layerHash]),
    ]),
    aims,
    strategy,
    budget,
  });
  if (!solution.solved) return solution;
  const members = [...solution.closure].map(([name, selected]) => {
    const variant = universe.variant(name, selected.candidate.id);
    if (variant === undefined) throw new Error(`the solver chose an unknown variant of ${name}`);
    return [name, { ...selected, variant }] as const;
  });
  return { solved: true, closure: new Map(members), universe };
}
