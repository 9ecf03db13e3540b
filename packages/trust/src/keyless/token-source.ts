import { readKeyText } from '../keys/key-place.js';
import { type IdentityToken, readIdentityToken, tokenError } from './identity-token.js';
import { answeredObject, get, type Hosts } from './service.js';
import { type SignInOptions, signIn } from './sign-in.js';

export interface TokenSource {
  /** A token, or the path of a file with one, or `env://NAME`. */
  given?: string | undefined;
  /** Where somebody signs in who has no token; who has one has to have it from there. */
  issuer?: string | undefined;
  environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Whom Fulcio and its like are for (OIDC's `aud`). */
const audience = 'sigstore';

/**
 * The identity token of whoever runs this: what is given, else `SIGSTORE_ID_TOKEN`, else that of a job of GitHub Actions, else by
 * signing in. Throws BUNNY_EIDENTITY, and what `signIn` throws.
 */
export async function findIdentityToken(
  hosts: Hosts,
  { given, issuer, environment = process.env }: TokenSource,
  options: SignInOptions,
): Promise<IdentityToken> {
  const found = await tokenText(hosts, { given, environment }, options.signal);
  if (found === undefined) {
    if (issuer === undefined) throw tokenError('nothing says who signs', 'identity token');
    return readIdentityToken(await signIn(hosts, issuer, options), issuer);
  }
  const token = readIdentityToken(found.text, found.where);
  if (issuer === undefined || token.issuer === issuer) return token;
  throw tokenError(`the identity token is from ${printable(token.issuer)}, not from ${issuer}`, found.where);
}

async function tokenText(
  hosts: Hosts,
  { given, environment = {} }: TokenSource,
  signal: AbortSignal | undefined,
): Promise<{ text: string; where: string } | undefined> {
  if (given !== undefined) {
    const isToken = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(given) && given.startsWith('ey');
    return isToken
      ? { text: given, where: '--identity-token' }
      : { text: await readKeyText(given, environment), where: given };
  }
  const {
    SIGSTORE_ID_TOKEN: own,
    ACTIONS_ID_TOKEN_REQUEST_URL: url,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret,
  } = environment;
  if (own) return { text: own, where: 'SIGSTORE_ID_TOKEN' };
  if (!url || !secret) return undefined;
  const service = 'GitHub Actions';
  if (!URL.canParse(url))
    throw tokenError(`${service} does not say where it gives tokens`, 'ACTIONS_ID_TOKEN_REQUEST_URL');
  const at = new URL(url);
  at.searchParams.set('audience', audience);
  const headers = { authorization: `Bearer ${secret}`, accept: 'application/json' };
  const { value } = answeredObject(await get(hosts, service, at, { headers, signal }), service, at);
  return { text: String(value), where: service };
}

function printable(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 200);
}
