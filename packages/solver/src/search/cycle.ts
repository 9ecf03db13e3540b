import { where } from './candidate-set.js';
import type { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility } from './incompatibility.js';
import type { PartialSolution } from './partial-solution.js';
import type { Request } from './request.js';
import type { Term } from './term.js';
import type { World } from './world.js';

/** Who meets a requirement on a component or capability in a complete closure. */
export function meeter(name: string, world: World, solution: PartialSolution): ComponentPackage {
  const on = world.named(name);
  return on.kind === 'component' ? on : world.component(on.provider(solution.decided(on)));
}

/**
 * Cycles among the components of a complete closure, as incompatibilities: some of them, no two of which share a
 * component, and at least one where there are any. One at a time, a thousand would take a thousand searches.
 */
export function findCycles(world: World, solution: PartialSolution): Incompatibility[] {
  const found: Incompatibility[] = [];
  /** By number: where on the path a component is, or that all that can be reached from it was looked at. */
  const visits: (number | 'done' | undefined)[] = [];
  const inCycle = new Set<ComponentPackage>();
  for (const start of world.components) {
    if (!solution.isDecided(start) || visits[start.number] !== undefined) continue;
    const path: Step[] = [{ from: start, requests: start.requests(solution.decided(start)), next: 0 }];
    visits[start.number] = 0;
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const request = step.requests[step.next++];
      if (request === undefined) {
        visits[step.from.number] = 'done';
        path.pop();
        continue;
      }
      const to = meeter(request.name, world, solution);
      const visit = visits[to.number];
      if (visit === undefined) {
        visits[to.number] = path.length;
        path.push({ from: to, requests: to.requests(solution.decided(to)), next: 0 });
      } else if (visit !== 'done' && !inCycle.has(step.from) && !inCycle.has(to)) {
        const cycle = path.slice(visit);
        if (cycle.some(({ from }) => inCycle.has(from))) continue;
        for (const { from } of cycle) inCycle.add(from);
        const forbidden = forbid(cycle, world, solution);
        if (forbidden !== undefined) found.push(forbidden);
      }
    }
  }
  return found;
}

/** A component on a path, and how many of its requests were followed: the path goes on along the last of them. */
interface Step {
  from: ComponentPackage;
  requests: readonly Request[];
  next: number;
}

/** Forbids a cycle for every candidate that would close it in the same way. */
function forbid(
  cycle: readonly Step[],
  world: World,
  solution: PartialSolution,
): Incompatibility | undefined {
  const terms = cycle.flatMap(({ from, requests, next }): Term[] => {
    const { name } = requests[next - 1] as Request;
    const on = world.named(name);
    const asking = where(from.candidates.length, (candidate) =>
      from.requests(candidate).some((request) => request.name === name),
    );
    const asks = { package: from, set: asking };
    return on.kind === 'component' ? [asks] : [asks, { package: on, set: solution.known(on) }];
  });
  return incompatibility(terms, { kind: 'cycle', path: cycle.map(({ from }) => from.name) });
}
