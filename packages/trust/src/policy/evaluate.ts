import { formatPosition, type Position } from 'bunny-libos-spec';
import { checkSignatures } from '../signatures/check.js';
import type { Subject } from '../signatures/claims.js';
import type { Found } from '../signatures/found-signature.js';
import type { OpenPolicy } from './open-policy.js';
import { matchesPattern } from './pattern.js';

/** What one policy says of a subject, and by which of its lines. */
export interface Opinion {
  /** `unsigned`: it need not be signed. `warned`: it is not signed by enough, and is used all the same. */
  outcome: 'signed' | 'unsigned' | 'warned' | 'refused';
  /** The rule that decided; the file where none is about the subject. */
  where: Position;
  /** Names of the keys that signed, as the policy has them, sorted. */
  signers: string[];
  /** What is missing, and why signatures do not count; empty for what is signed. */
  reasons: string[];
}

export interface Verdict {
  allowed: boolean;
  /** One for each policy, in their order. */
  opinions: Opinion[];
}

/**
 * What policies say of a subject with these signatures. It is allowed where all of them allow it, so that no policy weakens
 * another, and none is a policy that allows all. Within a policy the first rule that matches the repository decides; where
 * none does, it is refused. Pure.
 */
export function evaluate(policies: readonly OpenPolicy[], subject: Subject, found: Found): Verdict {
  const opinions = policies.map((policy) => opinionOf(policy, subject, found));
  return { allowed: opinions.every(({ outcome }) => outcome !== 'refused'), opinions };
}

/** Whether a policy asks who signed a repository: where none does, signatures need not be looked for. Pure. */
export function needsSignatures(policies: readonly OpenPolicy[], repository: string): boolean {
  return policies.some((policy) => ruleFor(policy, repository)?.signers !== undefined);
}

function ruleFor({ rules }: OpenPolicy, repository: string) {
  return rules.find(({ match }) => match.some((pattern) => matchesPattern(pattern, repository)));
}

function opinionOf(policy: OpenPolicy, subject: Subject, found: Found): Opinion {
  const rule = ruleFor(policy, subject.repository);
  if (rule === undefined) {
    const reasons = [`no rule is about ${subject.repository}`];
    return { outcome: 'refused', where: { file: policy.file }, signers: [], reasons };
  }
  const { where, signers: wanted, binds, onFailure } = rule;
  if (wanted === undefined) return { outcome: 'unsigned', where, signers: [], reasons: [] };
  const checked = checkSignatures(found, wanted.keys, subject, binds);
  const signers = checked.signers.map(({ key }) => policy.names.get(key.id) ?? key.id).sort();
  if (signers.length >= wanted.atLeast) return { outcome: 'signed', where, signers, reasons: [] };
  const names = wanted.keys.map(({ id }) => policy.names.get(id) ?? id);
  const reasons = [lack(signers, names, wanted.atLeast, where), ...checked.reasons];
  return { outcome: onFailure === 'warn' ? 'warned' : 'refused', where, signers, reasons };
}

function lack(
  signers: readonly string[],
  names: readonly string[],
  atLeast: number,
  where: Position,
): string {
  const signed = signers.length === 0 ? 'none of them signed it' : `only ${signers.join(', ')} signed it`;
  const asked = atLeast === names.length ? '' : `${atLeast} of `;
  return `${formatPosition(where)} asks for ${asked}${names.join(', ')}; ${signed}`;
}
