import type { BunnyError } from 'bunny-libos-spec';
import { type EdgeResult, missingHeaders, stepFailure } from 'bunny-libos-tooling';
import type { Definers } from '../plan/build-request.js';

/**
 * The error for steps of a build that failed, as `stepFailure` gives it. `rewrite` gives the paths in a line as the
 * user knows them.
 */
export function buildFailure(
  failed: readonly EdgeResult[],
  rewrite: (line: string) => string,
  hint = 'correct what the tool reports and build again: finished steps are kept',
): BunnyError {
  return stepFailure(failed, { rewrite, hint });
}

/** As `buildFailure`; where headers are missing that something published has, the way out is to depend on it. */
export async function compileFailure(
  failed: readonly EdgeResult[],
  rewrite: (line: string) => string,
  definers: Definers | undefined,
): Promise<BunnyError> {
  const headers = missingHeaders(failed.flatMap(({ output }) => output));
  const known = headers.length === 0 ? undefined : await definers?.(headers, 'headers');
  const advice = headers.flatMap((header) => {
    const requirements = known?.get(header) ?? [];
    if (requirements.length === 0) return [];
    const texts = requirements.map(({ text }) => `\`${text}\``);
    return [`add ${texts.join(' or ')} to the dependencies of the Bunnyfile, for ${header}`];
  });
  return advice.length === 0
    ? buildFailure(failed, rewrite)
    : buildFailure(failed, rewrite, advice.join('; '));
}
