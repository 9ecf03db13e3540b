import type { Limits } from './limits.js';
import type { Need } from './need.js';
import { type Outcome, search } from './search.js';
import type { Root, SolveOptions } from './universe.js';
import type { VersionReader } from './version.js';
import { World } from './world.js';

/** A root to be solved for. */
export interface Trial {
  root: Root;
  options: SolveOptions;
  /** Only some closures will do. That there is none of these is nothing that anybody is told: it need not be sure what all is in the way. */
  limits?: Limits | undefined;
}

/** What came of it. */
export interface Attempt {
  world: World;
  outcome: Outcome;
}

/** Something that the universe is asked on behalf of a world, which is to learn the answers. What is read is for the next one. */
export interface Question {
  world: World;
  need: Need;
}

/**
 * Searches, with candidates read as it turns out that they matter, until none that matters is unread:
 * for a closure those in it, for a failure every one that the search has heard of. `whole`: every one
 * in any case.
 */
export function* attempt(
  { root, options, limits }: Trial,
  versions: VersionReader,
  whole = false,
): Generator<Question, Attempt, void> {
  for (;;) {
    const world = new World(root, options, versions, limits);
    const steps = search(world);
    let step = steps.next();
    while (!step.done) {
      yield { world, need: step.value };
      step = steps.next();
    }
    const outcome = step.value;
    if (outcome.kind === 'unread') {
      yield { world, need: outcome.need };
      continue;
    }
    const isTold = limits === undefined && outcome.kind === 'unsatisfiable';
    const unread = whole || isTold ? world.unread() : undefined;
    if (unread === undefined) return { world, outcome };
    yield { world, need: unread };
  }
}
