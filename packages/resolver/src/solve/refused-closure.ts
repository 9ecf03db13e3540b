import type { Failure } from 'bunny-libos-solver';
import { BunnyError, exitStatus, type LockedTarget } from 'bunny-libos-spec';
import semver from 'semver';
import { type Admission, refusedTogether } from './admission.js';
import { numbered } from './failure.js';
import { type SolveTargetOptions, solveOverNamespace } from './solve-target.js';

/**
 * Throws BUNNY_EPOLICY where a closure would be found but for the policies: with what they refuse of it and by which line,
 * then why nothing else will do. Where none would be found either way, the policies are not why.
 */
export async function requirePolicyIsNoReason(
  question: Omit<SolveTargetOptions, 'admission'>,
  admission: Admission,
  failure: Failure,
): Promise<void> {
  const without = await solveOverNamespace(question);
  if (!without.solved) return;
  const refusals = [...without.closure.values()].flatMap(
    ({ variant }) => admission.refusalOf(variant.layerHash)?.error ?? [],
  );
  if (refusals.length === 0) return;
  const { message, where, details, hint } = refusedTogether(refusals);
  throw new BunnyError('BUNNY_EPOLICY', message, {
    where,
    details: [...details, 'without it:', ...numbered(failure.lines)],
    hint,
    exitStatus: exitStatus.trust,
  });
}

/** What was not chosen though it is newer, as the policies refuse it: one sentence each. */
export function passedOver(targets: readonly LockedTarget[], admission: Admission): string[] {
  const sentences = new Set<string>();
  for (const { components } of targets) {
    for (const { name, version } of components) {
      for (const refusal of admission.refusals(name)) {
        if (semver.lte(refusal.version, version)) continue;
        const [, reason = refusal.error.message] = refusal.error.details;
        sentences.add(`${name} ${refusal.version} is passed over for ${version}: ${reason}`);
      }
    }
  }
  return [...sentences].sort();
}
