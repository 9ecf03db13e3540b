import type { VerificationKey } from '../keys/verification-key.js';
import { successors } from '../rotation/statement.js';
import type { Author, Identity } from '../signatures/author.js';
import type { Rotation } from '../signatures/found-signature.js';

/** Whoever may sign, by the name that a policy gives them: somebody with a key, or whom certificates name. */
export type Holder = KeyHolder | IdentityHolder;

export interface KeyHolder {
  name: string;
  key: VerificationKey;
  /** Since when what it signs does not count. */
  revoked: Date | undefined;
  /** Keys that replace it, as the policy itself has it. */
  successors: readonly VerificationKey[];
}

export interface IdentityHolder {
  name: string;
  identity: Identity;
}

/** By whom a signature has to be to count as this holder's. A revoked key does not count, nor do those that it names to replace it, but for the policy. */
export function authorsOf(holder: Holder, rotations: readonly Rotation[]): Author[] {
  if ('identity' in holder) return [holder.identity];
  const { key, revoked, successors: named } = holder;
  const own = revoked === undefined ? [key, ...named] : [...named];
  return own.flatMap((each) => [each, ...successors(each, rotations)]);
}
