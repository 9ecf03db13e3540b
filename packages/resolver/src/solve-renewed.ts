import type { Requirement, Root } from '@bunny/solver';
import type { LockedTarget } from '@bunny/spec';
import { type SolvedTarget, type SolveTargetOptions, solveOverNamespace } from './solve-target.js';

/**
 * Solves anew for some components of a locked closure. First it is found out how new they can be where
 * what they depend on may follow; then, at those versions, everything else keeps its pin that can.
 * `pins` are those of all components that are not renewed.
 */
export async function solveRenewed(
  request: SolveTargetOptions,
  renewed: ReadonlySet<string>,
  before: LockedTarget,
): Promise<SolvedTarget> {
  const below = withDependencies(renewed, before);
  const freed = new Map([...request.pins].filter(([name]) => !below.has(name)));
  const newest = await solveOverNamespace({ ...request, pins: freed });
  if (!newest.solved) return newest;
  const requirements = new Map<string, Requirement>(Object.entries(request.root.requirements));
  for (const name of renewed) {
    const version = newest.closure.get(name)?.candidate.version;
    if (version !== undefined) requirements.set(name, { ...requirements.get(name), version: `=${version}` });
  }
  const root: Root = { ...request.root, requirements: Object.fromEntries(requirements) };
  const closest = await solveOverNamespace({ ...request, root });
  return closest.solved ? closest : newest;
}

function withDependencies(names: ReadonlySet<string>, { components }: LockedTarget): Set<string> {
  const found = new Set(names);
  // Names that are added on the way are visited too.
  for (const name of found) {
    for (const each of components.find((component) => component.name === name)?.dependencies ?? []) {
      found.add(each);
    }
  }
  return found;
}
