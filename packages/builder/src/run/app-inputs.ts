import type { WorkPlace } from 'bunny-libos-tooling';
import type { BuildPlan } from '../plan/build-plan.js';
import { embeddedFiles } from './embedded-files.js';
import { ownPath } from './own-path.js';

/** The app's sources and headers that went into an image which is built, by path from the Bunnyfile, sorted. */
export function appInputs(plan: BuildPlan, work: WorkPlace): string[] {
  const compiles = plan.steps.filter((step) => step.kind === 'compile');
  const dependencies = work.dependencies();
  const embedded = embeddedFiles(work);
  const read = compiles.flatMap((step) => [
    ...step.inputs,
    ...step.outputs.flatMap((output) => [
      ...(dependencies.get(output) ?? []),
      ...(embedded.get(output) ?? []),
    ]),
  ]);
  return [...new Set([...new Set(read)].flatMap((path) => ownPath(path) ?? []))].sort();
}
