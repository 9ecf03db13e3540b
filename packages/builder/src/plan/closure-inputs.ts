import { inPlan, planFiles } from './sandbox-paths.js';

/** What every generator and post-link step is told of the closure. `name` is the image's. */
export function closureInputs(name: string) {
  return {
    closure: inPlan(planFiles.closure),
    components: inPlan(planFiles.components),
    name,
  };
}

/** The files among them. */
export const closureInputFiles = [inPlan(planFiles.closure), inPlan(planFiles.components)];
