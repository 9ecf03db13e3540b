import { type ClosureGraph, closureGraph, lockFileName, targetLabel } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type LockedTarget, suggestion, type ToolingRules } from 'bunny-libos-spec';
import type { LockRequest } from '../lock/request.js';
import { type LockedProject, requestOf } from '../lock/targets.js';

/** What a closure was read from. */
export interface ClosureSource {
  request: LockRequest;
  target: LockedTarget;
  /** Undefined where they are not at hand. */
  rules: ToolingRules | undefined;
}

/** The closures of the targets that are wanted, in their order, each with what it was read from. */
export async function closuresOf(
  locked: Pick<LockedProject, 'requests' | 'wanted'>,
): Promise<Map<ClosureGraph, ClosureSource>> {
  const found = locked.wanted.map(async (target): Promise<[ClosureGraph, ClosureSource]> => {
    const request = requestOf(locked, target);
    const rules = await request.rulesOf(target);
    return [closureGraph(target, request.project.document.value, rules), { request, target, rules }];
  });
  return new Map(await Promise.all(found));
}

/**
 * Those of the graphs that have a component, each with its name: of a capability, the name of its provider. Throws
 * BUNNY_ENOTFOUND where none has.
 */
export function graphsWith(graphs: readonly ClosureGraph[], name: string): Map<ClosureGraph, string> {
  const having = graphs.flatMap((graph): [ClosureGraph, string][] => {
    const component = graph.nodes.has(name) ? name : graph.providers.get(name);
    return component === undefined ? [] : [[graph, component]];
  });
  if (having.length > 0) return new Map(having);
  throw new BunnyError('BUNNY_ENOTFOUND', `${name} is in no closure of this app`, {
    where: lockFileName,
    hint:
      suggestion(
        name,
        new Set(graphs.flatMap(({ nodes, providers }) => [...nodes.keys(), ...providers.keys()])),
      ) ?? '`bunny tree` shows what is there',
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** Graphs that look the same, together: the closures of several targets often are. */
export function alike<T>(
  graphs: readonly ClosureGraph[],
  see: (graph: ClosureGraph) => T,
): { targets: string[]; seen: T }[] {
  const groups = new Map<string, { targets: string[]; seen: T }>();
  for (const graph of graphs) {
    const seen = see(graph);
    const key = JSON.stringify(seen);
    const group = groups.get(key) ?? { targets: [], seen };
    group.targets.push(targetLabel(graph));
    groups.set(key, group);
  }
  return [...groups.values()];
}
