import { BunnyError } from 'bunny-libos-spec';

/** An OIDC identity token, and what is read of it to use it: whoever gets it verifies it. */
export interface IdentityToken {
  token: string;
  /** The name that a certificate is asked for by, and its key is proven with. */
  subject: string;
  issuer: string;
  expires: Date | undefined;
}

/** A JSON Web Token (RFC 7519) in its compact form, and no longer than a header may be. */
const form = /^[A-Za-z0-9_-]{1,8192}\.([A-Za-z0-9_-]{1,32768})\.[A-Za-z0-9_-]{0,8192}$/;

/** Reads a token. Nothing of it stands in an error. `where` is for messages. Throws BUNNY_EIDENTITY. */
export function readIdentityToken(text: string, where: string, now: Date = new Date()): IdentityToken {
  const token = text.trim();
  const [, payload = ''] = form.exec(token) ?? [];
  let claims: Record<string, unknown> | undefined;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    claims = undefined;
  }
  if (typeof claims !== 'object' || claims === null) {
    throw tokenError('the identity token is no JSON Web Token', where);
  }
  const { iss, sub, email, email_verified: isVerified, exp } = claims;
  if (typeof email === 'string' && email !== '' && isVerified === false) {
    throw tokenError('the identity token is for an e-mail address that its issuer has not verified', where);
  }
  const subject = typeof email === 'string' && email !== '' ? email : sub;
  if (typeof subject !== 'string' || subject === '' || typeof iss !== 'string') {
    throw tokenError('the identity token does not say whose it is', where);
  }
  const expires = typeof exp === 'number' ? new Date(exp * 1000) : undefined;
  if (expires !== undefined && expires <= now) throw tokenError('the identity token has expired', where);
  return { token, subject, issuer: iss, expires };
}

export function tokenError(summary: string, where: string): BunnyError {
  return new BunnyError('BUNNY_EIDENTITY', summary, {
    where,
    hint: 'get a new one from your issuer, for the audience sigstore, and give it with --identity-token or SIGSTORE_ID_TOKEN',
  });
}
