import { type Author, isMadeBy, notBy } from './author.js';
import type { Claims, Subject } from './claims.js';
import type { Found, FoundSignature, SignatureForm } from './found-signature.js';

/**
 * What a signature has to say beside the digest: `layer`, as Bunny signs, the repository and the layer hash too;
 * `digest`, nothing more, as cosign signs.
 */
export type Binding = 'layer' | 'digest';

/** When a signature has to have been made, as its signer says; by those with a certificate, as a log or timestamp does. */
export interface Period {
  notBefore?: Date | undefined;
  notAfter?: Date | undefined;
}

/** Somebody who signed a subject. */
export interface SignedBy {
  author: Author;
  form: SignatureForm;
  /** The most that one of its signatures binds. */
  binds: Binding;
}

export interface Checked {
  /** Each author once. */
  signers: SignedBy[];
  /** Why other signatures do not count, for people. */
  reasons: string[];
}

/** Which of the authors signed a subject, by signatures that bind at least as much as is asked for. Pure. */
export function checkSignatures(
  { signatures, unusable }: Found,
  authors: readonly Author[],
  subject: Subject,
  binds: Binding,
  period: Period = {},
): Checked {
  const signers = new Map<string, SignedBy>();
  const reasons = unusable.map(({ form, digest, reason }) => told(form, digest, reason));
  for (const found of signatures) {
    const refuse = (reason: string) => reasons.push(told(found.form, found.digest, reason));
    // Claims are looked at once it is known whose they are.
    const author = authorOf(found, authors);
    if (author === undefined) {
      refuse(notBy(authors, found));
      continue;
    }
    const lack = missing(found.claims, subject);
    const outside = outOf(period, dateOf(found, author));
    if (found.claims.digest !== subject.digest) refuse('it is about another digest');
    else if (binds === 'layer' && lack !== undefined) refuse(lack);
    else if (outside !== undefined) refuse(outside);
    else {
      const signer: SignedBy = { author, form: found.form, binds: lack === undefined ? 'layer' : 'digest' };
      if (signers.get(author.id)?.binds !== 'layer') signers.set(author.id, signer);
    }
  }
  return { signers: [...signers.values()], reasons };
}

/** Whether keys made signatures, by the signature: a statement is a signature of hundreds of variants. */
const verified = new WeakMap<Uint8Array, Map<string, boolean>>();

function authorOf(found: FoundSignature, authors: readonly Author[]): Author | undefined {
  if (found.form !== 'statement' || found.bundle !== undefined) {
    return authors.find((author) => isMadeBy(author, found));
  }
  const known = verified.get(found.signature) ?? new Map<string, boolean>();
  verified.set(found.signature, known);
  return authors.find((author) => {
    const verdict = known.get(author.id) ?? isMadeBy(author, found);
    known.set(author.id, verdict);
    return verdict;
  });
}

/** When it was made. Whoever has a certificate has it for minutes, so that its time is that of the log. */
function dateOf({ certified, issued }: FoundSignature, author: Author): Date | undefined {
  const found = 'verifies' in author ? undefined : certified?.get(author.root);
  return found !== undefined && 'at' in found ? found.at : issued;
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
