import { posix } from 'node:path';
import type { WorkPlace } from 'bunny-libos-tooling';
import type { BuildPlan } from '../plan/build-plan.js';
import { sandbox } from '../plan/sandbox-paths.js';

/** The app's sources and headers that went into an image which is built, by path from the Bunnyfile, sorted. */
export function appInputs(plan: BuildPlan, work: WorkPlace): string[] {
  const compiles = plan.steps.filter((step) => step.kind === 'compile');
  const dependencies = work.dependencies();
  const read = compiles.flatMap((step) => [
    ...step.inputs,
    ...step.outputs.flatMap((output) => dependencies.get(output) ?? []),
  ]);
  return [...new Set([...new Set(read)].flatMap((path) => ownPath(path) ?? []))].sort();
}

/** A path as a compiler names it, from `/src`, by path from the Bunnyfile; undefined where it is not the app's. */
export function ownPath(path: string): string | undefined {
  const absolute = posix.resolve(sandbox.source, path);
  if (absolute === sandbox.source) return '.';
  return absolute.startsWith(`${sandbox.source}/`) ? absolute.slice(sandbox.source.length + 1) : undefined;
}
