import { meeter } from './cycle.js';
import type { PartialSolution } from './partial-solution.js';
import type { Selected } from './universe.js';
import type { World } from './world.js';

/** The closure that a complete partial solution describes, by name. */
export function closureOf(world: World, solution: PartialSolution): ReadonlyMap<string, Selected> {
  const members = [...world.components].filter((component) => solution.isDecided(component));
  const closure = new Map<string, Selected>();
  for (const name of members.map(({ name }) => name).sort()) {
    const component = world.component(name);
    const chosen = solution.decided(component);
    const needs = component.requests(chosen).map(({ name }) => [name, meeter(name, world, solution).name]);
    closure.set(name, {
      candidate: component.candidate(chosen),
      dependencies: Object.fromEntries(needs),
    });
  }
  return closure;
}
