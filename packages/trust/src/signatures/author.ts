import type { VerificationKey } from '../keys/verification-key.js';
import type { Signature } from './found-signature.js';

/** Whoever an issuer of identities knows by a name, as certificates say that count under one trusted root. */
export interface Identity {
  /** For people, and to count each once: `alice@example.org (https://accounts.example.org)`. */
  readonly id: string;
  /** Id of the trusted root. */
  readonly root: string;
  matches(names: Certified): boolean;
}

/** What a certificate was found to say of a signature, or why it does not count. */
export type Certification = Certified | { readonly fault: string };

export interface Certified {
  /** E-mail address or URI. */
  readonly identity: string;
  readonly issuer: string;
  /** The earliest time at which a log or a timestamp authority saw the signature. */
  readonly at: Date;
}

/** Whose signatures count: whoever has a key, or goes by a name. */
export type Author = VerificationKey | Identity;

/** Whether somebody made a signature. Those with a certificate have to be certified before. */
export function isMadeBy(author: Author, signature: Signature): boolean {
  if ('verifies' in author) {
    // What comes with a certificate is that one's, by whatever key it is made.
    return signature.bundle === undefined && author.verifies(signature.message, signature.signature);
  }
  const found = signature.certified?.get(author.root);
  return found !== undefined && !('fault' in found) && author.matches(found);
}

/** Why a signature is by none of those who are asked for, for people. */
export function notBy(authors: readonly Author[], { bundle, certified }: Signature): string {
  if (bundle === undefined) return 'no key that is asked for made it';
  const said = new Set<string>();
  for (const author of authors) {
    if ('verifies' in author) continue;
    const found = certified?.get(author.root);
    if (found === undefined) said.add('nobody looked at its certificate');
    else if ('fault' in found) said.add(found.fault);
    else said.add(`it is by ${found.identity} (${found.issuer}), who is not asked for`);
  }
  return said.size === 0 ? 'it is signed with a certificate, not with a key' : [...said].join('; ');
}
