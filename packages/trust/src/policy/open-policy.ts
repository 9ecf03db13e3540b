import { BunnyError, errorIn, type Position, readPolicy } from 'bunny-libos-spec';
import { readVerificationKey, type VerificationKey } from '../keys/verification-key.js';
import type { Binding } from '../signatures/check.js';

/** Where a project keeps its policy, beside its Bunnyfile. */
export const policyFileName = 'bunny-policy.yaml';

/** A rule with its keys at hand. */
export interface OpenRule {
  match: readonly string[];
  /** Undefined where layers need not be signed. */
  signers?: { keys: readonly VerificationKey[]; atLeast: number } | undefined;
  binds: Binding;
  onFailure: 'refuse' | 'warn';
  where: Position;
}

/** A policy, ready to be asked. */
export interface OpenPolicy {
  /** For messages. */
  file: string;
  text: string;
  rules: readonly OpenRule[];
  /** The names that the policy gives its keys, by their ids. */
  names: ReadonlyMap<string, string>;
}

/**
 * Reads a policy and its keys. Throws what `readPolicy` throws, and BUNNY_EKEY: for a text that is no key, and where two
 * names stand for one key, as one person would count for two.
 */
export function openPolicy(text: string, file: string): OpenPolicy {
  const document = readPolicy(text, file);
  const { keys, rules } = document.value;
  const opened = new Map<string, VerificationKey>();
  const names = new Map<string, string>();
  for (const [name, pem] of Object.entries(keys)) {
    const path = ['keys', name];
    const refuse = (message: string, hint: string) =>
      errorIn(document, [{ code: 'BUNNY_EKEY', path, message, hint }]);
    const key = readKey(pem, refuse);
    const other = names.get(key.id);
    if (other !== undefined) {
      throw refuse(
        `the key ${name} is the key ${other} once more`,
        'leave one of them out: a key counts once',
      );
    }
    names.set(key.id, name);
    opened.set(name, key);
  }
  return {
    file,
    text,
    names,
    rules: rules.map(({ match, signers, binds, onFailure }, index) => ({
      match,
      ...(signers === undefined
        ? {}
        : { signers: { ...signers, keys: signers.keys.flatMap((name) => opened.get(name) ?? []) } }),
      binds,
      onFailure,
      where: document.at(['rules', index]),
    })),
  };
}

function readKey(pem: string, refuse: (message: string, hint: string) => BunnyError): VerificationKey {
  try {
    return readVerificationKey(pem, 'policy');
  } catch (error) {
    if (error instanceof BunnyError) throw refuse(error.message, error.hint);
    throw error;
  }
}
