import { BunnyError } from 'bunny-libos-spec';
import type { Checked } from './check.js';
import type { Subject } from './claims.js';

/** Reasons that are told of one artifact: anybody who may push can add more. */
const mostReasons = 20;

/** The error for an artifact that none of the keys signed: BUNNY_EUNSIGNED, BUNNY_ESIGNATURE. */
export function untrusted(what: string, { repository, digest }: Subject, { reasons }: Checked): BunnyError {
  const where = `${repository}@${digest}`;
  if (reasons.length === 0) {
    return new BunnyError('BUNNY_EUNSIGNED', `${what} is not signed`, {
      where,
      hint: 'ask its publisher for a signature, or sign it with `bunny sign` where you vouch for it yourself',
    });
  }
  const rest = reasons.length - mostReasons;
  const isOfAnother = reasons.some((reason) => reason.endsWith(`, not for ${repository}`));
  const isBound = reasons.some((reason) => reason.includes('binds the digest alone'));
  return new BunnyError('BUNNY_ESIGNATURE', `no signature of ${what} counts`, {
    where,
    details: [...reasons.slice(0, mostReasons), ...(rest > 0 ? [`and ${rest} more`] : [])],
    hint: isBound
      ? 'accept a signature of the digest alone with --binds digest, or have it signed with `bunny sign`'
      : isOfAnother
        ? 'of a copy, name its home: `bunny verify REF --as REPOSITORY`; of no copy, tell the publisher: it may have been tampered with'
        : 'check that the key is that of its publisher, and tell them: it may have been tampered with',
  });
}
