import type { TrustedRoot } from '../keyless/trusted-root.js';
import type { Identity } from '../signatures/author.js';
import { matchesPattern } from './pattern.js';

/** Patterns of names: `*` stands for any characters but `/`, and `**`, as a whole part, for any number of parts. */
export interface IdentityPattern {
  /** Of the e-mail address or URI that somebody goes by. */
  identity: string;
  /** Of the URL of whoever says that they do. */
  issuer: string;
}

/** Those whom certificates name so, under one trusted root. */
export function identityLike({ identity, issuer }: IdentityPattern, { id: root }: TrustedRoot): Identity {
  return {
    id: `${identity} (${issuer})`,
    root,
    matches: (names) => matchesPattern(issuer, names.issuer) && matchesPattern(identity, names.identity),
  };
}
