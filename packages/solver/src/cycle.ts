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
  const done = new Set<ComponentPackage>();
  const open = new Map<ComponentPackage, { edges: Edge[]; next: number }>();
  for (const start of world.components) {
    if (!solution.isDecided(start) || done.has(start)) continue;
    const path = [start];
    open.set(start, { edges: edges(start, world, solution), next: 0 });
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const visit = open.get(at) as { edges: Edge[]; next: number };
      const edge = visit.edges[visit.next++];
      if (edge === undefined) {
        done.add(at);
        open.delete(at);
        path.pop();
      } else if (open.has(edge.to)) {
        const cycle = path.slice(path.indexOf(edge.to));
        return forbid(
          cycle.map((component) => {
            const { edges, next } = open.get(component) as { edges: Edge[]; next: number };
            return { from: component, ...(edges[next - 1] as Edge) };
          }),
          world,
        );
      } else if (!done.has(edge.to)) {
        path.push(edge.to);
        open.set(edge.to, { edges: edges(edge.to, world, solution), next: 0 });
      }
    }
  }
  return undefined;
}

/** Forbids a cycle for every candidate that would close it in the same way. */
function forbid(
  cycle: readonly (Edge & { from: ComponentPackage })[],
  world: World,
): Incompatibility | undefined {
  const terms = cycle.flatMap(({ from, name, to }): Term[] => {
    const on = world.named(name);
    const asking = where(from.candidates.length, (candidate) =>
      from.requests(candidate).some((request) => request.name === name),
    );
    const asks = { package: from, set: asking };
    return on.kind === 'component' ? [asks] : [asks, { package: on, set: on.only(to.name) }];
  });
  return incompatibility(terms, { kind: 'cycle', path: cycle.map(({ from }) => from.name) });
}
