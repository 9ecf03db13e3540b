import { posix } from 'node:path';
import { readDependencies } from '@bunny/tooling';
import type { BuildPlan } from './build-plan.js';
import { sandbox } from './sandbox-paths.js';
import type { WorkDirectory } from './work-directory.js';

/** The app's sources and headers that went into an image which is built, by path from the Bunnyfile, sorted. */
export async function appInputs(plan: BuildPlan, work: WorkDirectory): Promise<string[]> {
  const compiles = plan.steps.filter((step) => step.kind === 'compile');
  const dependencies = await readDependencies(work.path);
  return ownFiles(
    compiles.flatMap((step) => [
      ...step.inputs,
      ...step.outputs.flatMap((output) => dependencies.get(output) ?? []),
    ]),
  );
}

/** Of the files that compilers read (as they named them, from `/src`), those of the app: from there, sorted. */
export function ownFiles(read: readonly string[]): string[] {
  const own = read
    .map((path) => posix.relative(sandbox.source, posix.resolve(sandbox.source, path)))
    .filter((path) => path !== '' && path !== '..' && !path.startsWith('../'));
  return [...new Set(own)].sort();
}
