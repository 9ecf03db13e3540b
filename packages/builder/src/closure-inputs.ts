import { inWork, planFiles } from './sandbox-paths.js';

/** What every generator and post-link step is told of the closure. `name` is the image's. */
export function closureInputs(name: string) {
  return {
    closure: inWork(planFiles.closure),
    components: inWork(planFiles.components),
    name,
  };
}

/** The files among them. */
export const closureInputFiles = [inWork(planFiles.closure), inWork(planFiles.components)];
