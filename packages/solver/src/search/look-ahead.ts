import { first, nothing } from './candidate-set.js';
import { Need } from './need.js';
import type { Package } from './package.js';
import type { State } from './state.js';
import type { World } from './world.js';

/** Questions that follow from one another: what names mean, what is listed under them, and who provides them. */
const rounds = 3;

/**
 * Takes in what components that must be in the closure bring with them as they would be chosen now, long
 * before it is their turn: it rules out choices that would have to be taken back after many others were
 * built on them. Changes how soon the answer is found, not the answer. True where something was new.
 */
export function* lookAhead(world: World, state: State): Generator<Need, boolean, void> {
  const likely = new Map<Package, number>();
  for (const component of state.takeChanged()) {
    const known = state.solution.known(component);
    // It must be there, but nobody said yet as what.
    if (known < nothing) continue;
    const candidate = first(known);
    if (!world.isExpanded(component, candidate)) likely.set(component, candidate);
  }
  yield* askAhead(world, likely);
  for (const [component, candidate] of likely) world.expand(component, candidate);
  return likely.size > 0;
}

/**
 * Asks at once for all that is lacking of these choices. Leaves out of them those of which more is
 * lacking still: what is costly to know, or cannot be known now, waits until it has to be known.
 */
export function* askAhead(world: World, likely: Map<Package, number>): Generator<Need, void, void> {
  const need = new Need(true);
  for (let round = 0; round <= rounds; round++) {
    need.capabilities.clear();
    need.components.clear();
    for (const [item, candidate] of likely) {
      if (world.lacking(item, candidate, need) === undefined) continue;
      if (need.unread.size > 0 || round === rounds) likely.delete(item);
      need.unread.clear();
    }
    if (round === rounds || (need.capabilities.size === 0 && need.components.size === 0)) return;
    yield need;
  }
}
