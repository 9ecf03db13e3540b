import { decided, edges } from './cycle.js';
import { compareText } from './order.js';
import type { PartialSolution } from './partial-solution.js';
import type { Selected } from './universe.js';
import type { World } from './world.js';

/** The closure that a complete partial solution describes, by name. */
export function closureOf(world: World, solution: PartialSolution): ReadonlyMap<string, Selected> {
  const members = [...world.components].filter((component) => solution.isDecided(component));
  members.sort((a, b) => compareText(a.name, b.name));
  return new Map(
    members.map((component) => [
      component.name,
      {
        candidate: component.candidate(decided(component, solution)),
        dependencies: Object.fromEntries(
          edges(component, world, solution).map(({ name, to }) => [name, to.name]),
        ),
      },
    ]),
  );
}
