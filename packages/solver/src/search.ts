import { settle } from './ambiguity.js';
import { first } from './candidate-set.js';
import { findCycle } from './cycle.js';
import type { Incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import { State } from './state.js';
import type { Need, World } from './world.js';

/** Decisions after which the search is given up, where the caller names no budget. */
export const defaultBudget = 1_000_000;

export type Outcome =
  | { kind: 'solved'; decisions: number; state: State }
  | { kind: 'unsatisfiable'; decisions: number; proof: Incompatibility }
  | { kind: 'budget'; decisions: number; state: State };

/**
 * PubGrub: draw conclusions; learn from a conflict; else decide for the most preferred candidate of
 * the next package. Yields what it has to know of the universe and goes on once the world has learnt
 * it; what was learnt before it was asked for changes nothing.
 */
export function* search(world: World): Generator<Need, Outcome, void> {
  const state = new State();
  const { budget = defaultBudget, allowCycles = false } = world.options;
  let decisions = 0;
  for (let need = world.lackingToBegin(); need !== undefined; need = world.lackingToBegin()) yield need;
  world.begin();
  for (;;) {
    for (const found of world.drain()) state.add(found);
    const conflict = state.propagate();
    if (conflict !== undefined) {
      const proof = state.resolve(conflict);
      if (proof !== undefined) return { kind: 'unsatisfiable', decisions, proof };
      continue;
    }
    const next = state.next();
    if (next === undefined) {
      const cycle = allowCycles ? undefined : findCycle(world, state.solution);
      if (cycle === undefined) return { kind: 'solved', decisions, state };
      state.add(cycle);
      continue;
    }
    const choice = choose(next, world, state);
    if ('terms' in choice) {
      state.postpone(next);
      state.add(choice);
      continue;
    }
    const { item, candidate } = choice;
    if (item !== next) state.postpone(next);
    if (!world.isExpanded(item, candidate)) {
      for (
        let need = world.lacking(item, candidate);
        need !== undefined;
        need = world.lacking(item, candidate)
      ) {
        yield need;
      }
      world.expand(item, candidate);
      // What the candidate brings with it may rule it out: that is cheaper seen before than after.
      state.postpone(item);
      continue;
    }
    if (decisions === budget) return { kind: 'budget', decisions, state };
    if (state.decide(item, candidate)) decisions++;
  }
}

interface Choice {
  item: Package;
  candidate: number;
}

/** The candidate to try: of `next`, or of another open capability where its turn is one's. */
function choose(next: Package, world: World, state: State): Choice | Incompatibility {
  const known = state.solution.known(next);
  if (next.kind === 'component') return { item: next, candidate: first(known) };
  if (!next.open) return { item: next, candidate: next.best(known) };
  const pending = [...world.capabilities].filter((each) => each.open && state.isPending(each));
  const settled = settle(pending, world, state.solution);
  if ('terms' in settled) return settled;
  return { item: settled, candidate: settled.best(state.solution.known(settled)) };
}
