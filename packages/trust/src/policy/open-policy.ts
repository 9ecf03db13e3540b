import { BunnyError, errorIn, type Position, readPolicy } from 'bunny-libos-spec';
import { type TrustedRoot, trustedRoot } from '../keyless/trusted-root.js';
import { readVerificationKey, type VerificationKey } from '../keys/verification-key.js';
import { readRotation, successors } from '../rotation/statement.js';
import type { Binding } from '../signatures/check.js';
import { Unusable } from '../signatures/claims.js';
import type { Rotation } from '../signatures/found-signature.js';
import type { Holder } from './holder.js';
import { identityLike } from './identity-pattern.js';

/** A rule with its signers at hand. */
export interface OpenRule {
  match: readonly string[];
  /** Undefined where layers need not be signed. */
  signers: { holders: readonly Holder[]; atLeast: number } | undefined;
  binds: Binding;
  /** How old a signature may be, and has to be at least. Milliseconds. */
  maxAge: number | undefined;
  minAge: number | undefined;
  licenses?: readonly string[] | undefined;
  rollback: 'refuse' | 'warn';
  /** Names of what has to be attested beside, or URIs. */
  attestations: readonly string[];
  onFailure: 'refuse' | 'warn';
  where: Position;
}

/** A policy, ready to be asked. */
export interface OpenPolicy {
  /** For messages. */
  file: string;
  text: string;
  rules: readonly OpenRule[];
  /** What its identities' certificates are checked under; undefined where it has none. */
  root: TrustedRoot | undefined;
}

type Refuse = (message: string, hint: string) => BunnyError;

/**
 * Reads a policy and its keys. Throws what `readPolicy` throws, and BUNNY_EKEY: for a text that is no key, for a rotation that
 * the key before did not sign, and where two names stand for one key, as one person would count for two. BUNNY_ETRUSTEDROOT.
 */
export function openPolicy(text: string, file: string): OpenPolicy {
  const document = readPolicy(text, file);
  const { keys, identities, trustedRoot: rootDocument, rules } = document.value;
  const opened = new Map<string, Holder>();
  const names = new Map<string, string>();
  for (const [name, { pem, revoked, rotations }] of Object.entries(keys)) {
    const path = ['keys', name];
    const refuse = (message: string, hint: string) =>
      errorIn(document, [{ code: 'BUNNY_EKEY', path, message, hint }]);
    const key = readKey(pem, refuse);
    const next = replacing(name, key, rotations, refuse);
    for (const { id } of [key, ...next]) {
      const other = names.get(id);
      if (other !== undefined) {
        const hint = 'leave one of them out: a key counts once';
        throw refuse(`the key ${name} is the same key as ${other}`, hint);
      }
    }
    for (const { id } of [key, ...next]) names.set(id, name);
    opened.set(name, { name, key, revoked, successors: next });
  }
  const root = rootDocument === undefined ? undefined : trustedRoot(rootDocument, file);
  for (const [name, pattern] of Object.entries(identities)) {
    if (root !== undefined) opened.set(name, { name, identity: identityLike(pattern, root) });
  }
  return {
    file,
    text,
    root,
    rules: rules.map(({ signers, maxAge, minAge, ...rule }, index) => ({
      ...rule,
      signers: signers && {
        atLeast: signers.atLeast,
        holders: signers.keys.flatMap((name) => opened.get(name) ?? []),
      },
      maxAge,
      minAge,
      where: document.at(['rules', index]),
    })),
  };
}

function readKey(pem: string, refuse: Refuse): VerificationKey {
  try {
    return readVerificationKey(pem, 'policy');
  } catch (error) {
    if (error instanceof BunnyError) throw refuse(error.message, error.hint);
    throw error;
  }
}

function replacing(
  name: string,
  key: VerificationKey,
  rotations: readonly string[],
  refuse: Refuse,
): VerificationKey[] {
  const hint = 'take the text of the .rotation file that its publisher gives away';
  const read: Rotation[] = [];
  for (const text of rotations) {
    try {
      read.push(readRotation(text.trim()));
    } catch (error) {
      if (error instanceof Unusable)
        throw refuse(`a rotation of ${name} is of no use: ${error.message}`, hint);
      throw error;
    }
  }
  const keys = successors(key, read);
  if (keys.length < rotations.length)
    throw refuse(`a rotation of ${name} is not signed by the key before it`, hint);
  return keys;
}
