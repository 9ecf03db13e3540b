import { first, where } from './candidate-set.js';
import type { ComponentPackage } from './component-package.js';
import { type Incompatibility, incompatibility } from './incompatibility.js';
import type { PartialSolution } from './partial-solution.js';
import type { Term } from './term.js';
import type { World } from './world.js';

/** One requirement of a decided component, and who meets it. */
export interface Edge {
  /** As the requirement names it: a component or a capability. */
  name: string;
  to: ComponentPackage;
}

/** The one candidate that a component in the closure was decided to be. */
export function decided(component: ComponentPackage, solution: PartialSolution): number {
  if (!solution.isDecided(component)) throw new Error(`${component.name} is not in the closure`);
  return first(solution.known(component));
}

/** What a component of a complete closure needs, in order of name. */
export function edges(component: ComponentPackage, world: World, solution: PartialSolution): Edge[] {
  return component.requests(decided(component, solution)).map(({ name }) => {
    const on = world.named(name);
    if (on.kind === 'component') return { name, to: on };
    return { name, to: world.component(on.provider(first(solution.known(on)))) };
  });
}

/** A cycle among the components of a complete closure, as an incompatibility. Undefined where there is none. */
export function findCycle(world: World, solution: PartialSolution): Incompatibility | undefined {
  /** By number: whether a component is on the path, or all that can be reached from it was looked at. */
  const visits: ('open' | 'done' | undefined)[] = [];
  for (const start of world.components) {
    if (!solution.isDecided(start) || visits[start.number] !== undefined) continue;
    const path: Step[] = [{ from: start, edges: edges(start, world, solution), next: 0 }];
    visits[start.number] = 'open';
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const edge = step.edges[step.next++];
      if (edge === undefined) {
        visits[step.from.number] = 'done';
        path.pop();
        continue;
      }
      const visit = visits[edge.to.number];
      if (visit === 'open') {
        return forbid(path.slice(path.findIndex(({ from }) => from === edge.to)), world);
      }
      if (visit === undefined) {
        visits[edge.to.number] = 'open';
        path.push({ from: edge.to, edges: edges(edge.to, world, solution), next: 0 });
      }
    }
  }
  return undefined;
}

/** A component on a path, and how many of its edges were followed: the path goes on along the last of them. */
interface Step {
  from: ComponentPackage;
  edges: readonly Edge[];
  next: number;
}

/** Forbids a cycle for every candidate that would close it in the same way. */
function forbid(cycle: readonly Step[], world: World): Incompatibility | undefined {
  const terms = cycle.flatMap(({ from, edges, next }): Term[] => {
    const { name, to } = edges[next - 1] as Edge;
    const on = world.named(name);
    const asking = where(from.candidates.length, (candidate) =>
      from.requests(candidate).some((request) => request.name === name),
    );
    const asks = { package: from, set: asking };
    return on.kind === 'component' ? [asks] : [asks, { package: on, set: on.only(to.name) }];
  });
  return incompatibility(terms, { kind: 'cycle', path: cycle.map(({ from }) => from.name) });
}
