import { BunnyError } from 'bunny-libos-spec';
import type { Subject } from '../signatures/claims.js';
import type { Verdict } from './evaluate.js';

/** Reasons that are told of one artifact: anybody who may push can add more. */
const mostReasons = 20;

/** The error for an artifact that a policy refuses, at the line that does: BUNNY_EPOLICY. */
export function refusedByPolicy(
  what: string,
  { repository, digest }: Subject,
  { opinions }: Verdict,
): BunnyError {
  const refusals = opinions.filter(({ outcome }) => outcome === 'refused');
  const reasons = refusals.flatMap((opinion) => opinion.reasons);
  const rest = reasons.length - mostReasons;
  return new BunnyError('BUNNY_EPOLICY', `${what} is refused by policy`, {
    where: refusals[0]?.where ?? `${repository}@${digest}`,
    details: [
      `${repository}@${digest}`,
      ...reasons.slice(0, mostReasons),
      ...(rest > 0 ? [`and ${rest} more`] : []),
    ],
    hint: 'ask its publisher for signatures, or choose another version; to use it anyway, add a rule for its repository',
  });
}
