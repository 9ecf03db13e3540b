import { formatPosition, type Position } from 'bunny-libos-spec';
import { attestedBy } from '../attestations/attestation.js';
import { predicateType } from '../attestations/predicates.js';
import type { TrustedRoot } from '../keyless/trusted-root.js';
import type { Author } from '../signatures/author.js';
import { checkSignatures, type Period } from '../signatures/check.js';
import type { Subject } from '../signatures/claims.js';
import type { Found } from '../signatures/found-signature.js';
import { authorsOf, type Holder } from './holder.js';
import type { OpenPolicy, OpenRule } from './open-policy.js';
import { matchesPattern } from './pattern.js';

/** What one policy says of a subject, and by which of its lines. */
export interface Opinion {
  /** `unsigned`: it need not be signed. `warned`: it is not signed by enough, and is used all the same. */
  outcome: 'signed' | 'unsigned' | 'warned' | 'refused';
  /** The rule that decided; the file where none is about the subject. */
  where: Position;
  /** Names of those who signed, as the policy has them, sorted. */
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
 * What policies say of a subject with these signatures, those with a certificate certified before (`rootsFor`). It is allowed where all of them allow it, so that no policy weakens
 * another, and none is a policy that allows all. Within a policy the first rule that matches the repository decides; where
 * none does, it is refused. `now` is what ages are counted from. Pure.
 */
export function evaluate(
  policies: readonly OpenPolicy[],
  subject: Subject,
  found: Found,
  now: Date = new Date(),
): Verdict {
  const opinions = policies.map((policy) => opinionOf(policy, subject, found, now));
  return { allowed: opinions.every(({ outcome }) => outcome !== 'refused'), opinions };
}

/** Whether a policy asks who signed a repository: where none does, signatures need not be looked for. Pure. */
export function needsSignatures(policies: readonly OpenPolicy[], repository: string): boolean {
  return rulesFor(policies, repository).some(({ signers }) => signers !== undefined);
}

/** Whose signatures count for a repository, by any of the policies. Pure. */
export function authorsFor(
  policies: readonly OpenPolicy[],
  repository: string,
  { rotations = [] }: Found,
): Author[] {
  const holders = rulesFor(policies, repository).flatMap(({ signers }) => signers?.holders ?? []);
  return holders.flatMap((holder) => authorsOf(holder, rotations));
}

/** The roots that certificates of whoever signs a repository are checked under. Pure. */
export function rootsFor(policies: readonly OpenPolicy[], repository: string): TrustedRoot[] {
  return policies.flatMap((policy) => {
    const holders = ruleFor(policy, repository)?.signers?.holders ?? [];
    return policy.root !== undefined && holders.some((each) => 'identity' in each) ? [policy.root] : [];
  });
}

/** Whether a policy asks what else is said of a repository's layers. Pure. */
export function needsAttestations(policies: readonly OpenPolicy[], repository: string): boolean {
  return rulesFor(policies, repository).some(({ attestations }) => attestations.length > 0);
}

/** The rules that are about a repository, at most one of each policy. Pure. */
export function rulesFor(policies: readonly OpenPolicy[], repository: string): OpenRule[] {
  return policies.flatMap((policy) => ruleFor(policy, repository) ?? []);
}

/** The rule of a policy that is about a repository: the first that matches. Pure. */
export function ruleFor({ rules }: OpenPolicy, repository: string): OpenRule | undefined {
  return rules.find(({ match }) => match.some((pattern) => matchesPattern(pattern, repository)));
}

function opinionOf(policy: OpenPolicy, subject: Subject, found: Found, now: Date): Opinion {
  const rule = ruleFor(policy, subject.repository);
  if (rule === undefined) {
    const reasons = [`no rule is about ${subject.repository}`];
    return { outcome: 'refused', where: { file: policy.file }, signers: [], reasons };
  }
  const { where, signers: wanted, onFailure } = rule;
  if (wanted === undefined) return { outcome: 'unsigned', where, signers: [], reasons: [] };
  const { signers, reasons } = signersOf(rule, wanted.holders, subject, found, now);
  const names = wanted.holders.map(({ name }) => name);
  const missing = [
    ...(signers.length >= wanted.atLeast ? [] : [lack(signers, names, wanted.atLeast, where), ...reasons]),
    ...unattested(rule, wanted.holders, subject, found).map(
      (type) => `${formatPosition(where)} asks for ${type}; none of ${names.join(', ')} attests that`,
    ),
  ];
  if (missing.length === 0) return { outcome: 'signed', where, signers, reasons: [] };
  return { outcome: onFailure === 'warn' ? 'warned' : 'refused', where, signers, reasons: missing };
}

/** What a rule asks to be attested and none of the holders attests. */
function unattested(
  { attestations }: OpenRule,
  holders: readonly Holder[],
  subject: Subject,
  found: Found,
): string[] {
  if (attestations.length === 0) return [];
  const authors = holders.flatMap((holder) => authorsOf(holder, found.rotations ?? []));
  const attested = attestedBy(found.attestations ?? [], authors, subject);
  const types = new Set(attested.map(({ attestation }) => attestation.predicateType));
  return attestations.filter((name) => !types.has(predicateType(name) ?? name));
}

/** Whose signatures count, each name once and sorted, and why others do not. */
function signersOf(
  { binds, maxAge, minAge }: OpenRule,
  holders: readonly Holder[],
  subject: Subject,
  found: Found,
  now: Date,
): { signers: string[]; reasons: string[] } {
  const names = new Map<string, string>();
  const authors: Author[] = [];
  for (const holder of holders) {
    for (const author of authorsOf(holder, found.rotations ?? [])) {
      if (names.has(author.id)) continue;
      names.set(author.id, holder.name);
      authors.push(author);
    }
  }
  const reasons = new Set<string>();
  const within = (period: Period) => {
    const checked = checkSignatures(found, authors, subject, binds, period);
    for (const reason of checked.reasons) reasons.add(reason);
    return new Set(checked.signers.map(({ author }) => names.get(author.id) ?? author.id));
  };
  const ago = (age: number | undefined) => (age === undefined ? undefined : new Date(now.getTime() - age));
  const fresh = within({ notBefore: ago(maxAge) });
  const seasoned = minAge === undefined ? fresh : within({ notAfter: ago(minAge) });
  for (const holder of holders) {
    if (!('key' in holder)) continue;
    const { name, key, revoked } = holder;
    if (revoked === undefined || checkSignatures(found, [key], subject, binds).signers.length === 0) continue;
    reasons.add(`${name} signed it, with a key that is revoked since ${revoked.toISOString().slice(0, 10)}`);
  }
  return { signers: [...fresh].filter((name) => seasoned.has(name)).sort(), reasons: [...reasons] };
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
