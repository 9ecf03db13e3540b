import { formatPosition } from 'bunny-libos-spec';
import { isLicenceAllowed } from '../licences/allowed.js';
import type { Subject } from '../signatures/claims.js';
import { type Opinion, ruleFor, rulesFor, type Verdict } from './evaluate.js';
import type { OpenPolicy } from './open-policy.js';

/** Whether a policy asks under which licence the components of a repository are. Pure. */
export function needsLicence(policies: readonly OpenPolicy[], repository: string): boolean {
  return rulesFor(policies, repository).some(({ licenses }) => licenses !== undefined);
}

/** What policies say of a component that is under this licence, after what they say of its signatures. Pure. */
export function withLicence(
  policies: readonly OpenPolicy[],
  { repository }: Subject,
  { opinions }: Verdict,
  licence: string | undefined,
): Verdict {
  const judged = opinions.map((opinion, index): Opinion => {
    const policy = policies[index];
    const rule = policy && ruleFor(policy, repository);
    if (rule?.licenses === undefined || isLicenceAllowed(licence, rule.licenses)) return opinion;
    const is = licence === undefined ? 'it names none' : `it is under ${licence}`;
    const reason = `${formatPosition(rule.where)} allows the licences ${rule.licenses.join(', ')}; ${is}`;
    const outcome = rule.onFailure === 'warn' && opinion.outcome !== 'refused' ? 'warned' : 'refused';
    return { ...opinion, outcome, reasons: [...opinion.reasons, reason] };
  });
  return { allowed: judged.every(({ outcome }) => outcome !== 'refused'), opinions: judged };
}
