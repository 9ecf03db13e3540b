import { settle } from './ambiguity.js';
import { first } from './candidate-set.js';
import { findCycles } from './cycle.js';
import type { Incompatibility } from './incompatibility.js';
import { unneeded } from './limits.js';
import { lookAhead } from './look-ahead.js';
import type { Need } from './need.js';
import type { PartialSolution } from './partial-solution.js';
import { State } from './state.js';
import { walk } from './walk.js';
import type { World } from './world.js';

/** Decisions after which the search is given up, where the caller names no budget. */
const defaultBudget = 1_000_000;
/** The same for steps of work: a quarter of a minute of them. */
const defaultWork = 250_000_000;

/** Steps that it counts for to find out one fact of the universe. */
const workOfFact = 16;

/** What came of a search, and what it took. */
export type Outcome = Effort &
  (
    | { kind: 'solved'; solution: PartialSolution }
    | { kind: 'unsatisfiable'; proof: Incompatibility }
    | { kind: 'budget'; state: State }
  );

export interface Effort {
  decisions: number;
  /** Steps: what was looked at to draw conclusions and to learn from conflicts. */
  work: number;
}

/** It cannot be said yet: these candidates, of which too little is known, have a part in it. */
export interface Unread {
  kind: 'unread';
  need: Need;
}

/**
 * A walk, and where that is not enough PubGrub: draw conclusions; learn from a conflict; else decide for
 * the most preferred candidate of the next package. Yields what it has to know of the universe and goes
 * on once the world has learnt it; what was learnt before it was asked for changes nothing.
 */
export function* search(world: World): Generator<Need, Outcome | Unread, void> {
  const { budget = defaultBudget, work: mostWork = defaultWork, allowCycles = false } = world.options;
  const state = new State(mostWork);
  let decisions = 0;
  /** Something that costs was decided on since it was last looked at what all costs. */
  let isCostly = false;
  for (let need = world.lackingToBegin(); need !== undefined; need = world.lackingToBegin()) {
    if (need.unread.size > 0) return { kind: 'unread', need };
    yield need;
  }
  const solution = yield* walk(world, budget);
  if (solution !== undefined) return { kind: 'solved', decisions: solution.level, work: 0, solution };
  state.ask(world.begin());
  for (;;) {
    for (const found of world.drain()) {
      state.add(found);
      state.solution.work += workOfFact;
    }
    const conflict = state.propagate();
    if (state.isSpent) return { kind: 'budget', decisions, work: state.work, state };
    if (conflict !== undefined) {
      const proof = state.resolve(conflict);
      if (proof !== undefined) return { kind: 'unsatisfiable', decisions, work: state.work, proof };
      continue;
    }
    if (isCostly) {
      const overrun = overrunOf(world, state.solution);
      if (overrun !== undefined) {
        state.add(overrun);
        continue;
      }
      isCostly = false;
    }
    if (yield* lookAhead(world, state)) continue;
    let item = state.next();
    if (item === undefined) {
      const need = world.unread(state.solution);
      if (need !== undefined) return { kind: 'unread', need };
      const [open] = state.open();
      if (open === undefined) {
        const cycles = allowCycles ? [] : findCycles(world, state.solution);
        const flaw = cycles[0] ?? overrunOf(world, state.solution) ?? unneeded(world, state.solution);
        if (flaw === undefined)
          return { kind: 'solved', decisions, work: state.work, solution: state.solution };
        // What is added last is looked at first: the search goes back by the first.
        for (const cycle of cycles.slice(1).reverse()) state.add(cycle);
        state.add(flaw);
        continue;
      }
      const settled = settle(state.open(), world, state.solution);
      if ('reason' in settled) {
        state.add(settled.reason);
        state.ask(settled.asks);
        continue;
      }
      item = settled;
    }
    const known = state.solution.known(item);
    const candidate = item.kind === 'component' ? first(known) : item.best(known);
    if (!world.isExpanded(item, candidate)) {
      for (
        let need = world.lacking(item, candidate);
        need !== undefined;
        need = world.lacking(item, candidate)
      ) {
        if (need.unread.size > 0) return { kind: 'unread', need };
        yield need;
      }
      world.expand(item, candidate);
      // What the candidate brings with it may rule it out: that is cheaper seen before than after.
      continue;
    }
    if (decisions === budget) return { kind: 'budget', decisions, work: state.work, state };
    state.decide(item, candidate, world.brings(item, candidate));
    decisions++;
    isCostly ||= item.kind === 'component' && world.ledgers.some((ledger) => !ledger.isFree(item, candidate));
  }
}

/** The first of the world's limits that what is known goes beyond. */
function overrunOf(world: World, solution: PartialSolution): Incompatibility | undefined {
  for (const ledger of world.ledgers) {
    const overrun = ledger.overrun(solution);
    if (overrun !== undefined) return overrun;
  }
  return undefined;
}
