import type { VerificationKey } from '../keys/verification-key.js';
import type { Claims, Subject } from './claims.js';
import type { Found, FoundSignature, SignatureForm } from './found-signature.js';

/**
 * What a signature has to say beside the digest: `layer`, as Bunny signs, the repository and the layer hash too;
 * `digest`, nothing more, as cosign signs.
 */
export type Binding = 'layer' | 'digest';

/** When a signature has to have been made, as its signer says. */
export interface Period {
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
}

/** A key that signed a subject. */
export interface Signer {
  key: VerificationKey;
  form: SignatureForm;
  /** The most that one of its signatures binds. */
  binds: Binding;
}

export interface Checked {
  /** Each key once. */
  signers: Signer[];
  /** Why other signatures do not count, for people. */
  reasons: string[];
}

/** Which of the keys signed a subject, by signatures that bind at least as much as is asked for. Pure. */
export function checkSignatures(
  { signatures, unusable }: Found,
  keys: readonly VerificationKey[],
  subject: Subject,
  binds: Binding,
  period: Period = {},
): Checked {
  const signers = new Map<string, Signer>();
  const reasons = unusable.map(({ form, digest, reason }) => told(form, digest, reason));
  for (const found of signatures) {
    const refuse = (reason: string) => reasons.push(told(found.form, found.digest, reason));
    // Claims are looked at once it is known whose they are.
    const key = signerOf(found, keys);
    if (key === undefined) {
      refuse('no key that is asked for made it');
      continue;
    }
    const lack = missing(found.claims, subject);
    const outside = outOf(period, found.issued);
    if (found.claims.digest !== subject.digest) refuse('it is about another digest');
    else if (binds === 'layer' && lack !== undefined) refuse(lack);
    else if (outside !== undefined) refuse(outside);
    else {
      const signer: Signer = { key, form: found.form, binds: lack === undefined ? 'layer' : 'digest' };
      if (signers.get(key.id)?.binds !== 'layer') signers.set(key.id, signer);
    }
  }
  return { signers: [...signers.values()], reasons };
}

/** Whether keys made signatures, by the signature: a statement is a signature of hundreds of variants. */
const verified = new WeakMap<Uint8Array, Map<string, boolean>>();

function signerOf(found: FoundSignature, keys: readonly VerificationKey[]): VerificationKey | undefined {
  if (found.form !== 'statement') return keys.find((key) => key.verifies(found.message, found.signature));
  const known = verified.get(found.signature) ?? new Map<string, boolean>();
  verified.set(found.signature, known);
  return keys.find((key) => {
    const verdict = known.get(key.id) ?? key.verifies(found.message, found.signature);
    known.set(key.id, verdict);
    return verdict;
  });
}

/** What is wrong with the date of a signature. */
function outOf({ notBefore, notAfter }: Period, issued: Date | undefined): string | undefined {
  if (notBefore === undefined && notAfter === undefined) return undefined;
  if (issued === undefined) return 'it does not say when it was made, as signed statements do';
  const date = issued.toISOString().slice(0, 16);
  if (notBefore !== undefined && issued < notBefore) return `it is of ${date}, which is too long ago`;
  if (notAfter !== undefined && issued > notAfter) return `it is of ${date}, which is not long enough ago`;
  return undefined;
}

/** What keeps a signature from being one for this layer in this repository. */
function missing({ repository, layerHash }: Claims, subject: Subject): string | undefined {
  if (subject.layerHash !== undefined && layerHash === undefined) {
    return 'it binds the digest alone, neither repository nor layer hash, as those of cosign do';
  }
  if (repository === undefined) return 'it binds the digest alone, not the repository';
  if (repository !== subject.repository) return `it is for ${repository}, not for ${subject.repository}`;
  if (layerHash !== subject.layerHash) return `it is for another layer hash: ${layerHash}`;
  return undefined;
}

function told(form: SignatureForm, digest: string, reason: string): string {
  return `${form === 'tag' ? 'signature' : form} ${digest}: ${reason}`;
}
