import type { BunnyError } from '@bunny/spec';
import { type EdgeResult, stepFailure } from '@bunny/tooling';

/**
 * The error for steps of a build that failed, as `stepFailure` gives it. `rewrite` gives the paths in a line as the
 * user knows them.
 */
export function buildFailure(failed: readonly EdgeResult[], rewrite: (line: string) => string): BunnyError {
  return stepFailure(failed, {
    rewrite,
    hint: 'correct what the tool says and build again: what is made already is kept',
  });
}
