import { decided, edges } from './cycle.js';
import type { PartialSolution } from './partial-solution.js';
import type { Selected } from './universe.js';
import type { World } from './world.js';

/** The closure that a complete partial solution describes, by name. */
export function closureOf(world: World, solution: PartialSolution): ReadonlyMap<string, Selected> {
  const members = [...world.components].filter((component) => solution.isDecided(component));
  const closure = new Map<string, Selected>();
  for (const name of members.map(({ name }) => name).sort()) {
    const component = world.component(name);
    const needs = edges(component, world, solution).map(({ name, to }) => [name, to.name]);
    closure.set(name, {
      candidate: component.candidate(decided(component, solution)),
      dependencies: Object.fromEntries(needs),
    });
  }
  return closure;
}
