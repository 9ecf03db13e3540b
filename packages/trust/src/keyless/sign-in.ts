import { setTimeout as sleep } from 'node:timers/promises';
import { tokenError } from './identity-token.js';
import { answeredObject, get, type Hosts, post, serviceError, serviceUrl } from './service.js';

/** As sigstore's own programs call themselves. */
export const defaultClient = 'sigstore';
const service = 'the issuer';
/** Seconds between two questions whether somebody has signed in, unless the issuer says another number of them. */
const usualInterval = 5;
const longestWait = 900;

export interface SignInOptions {
  clientId?: string | undefined;
  /** Shows where to sign in, and the code to type there. */
  onPrompt(address: string, code: string): void;
  signal?: AbortSignal | undefined;
}

/**
 * Has somebody sign in with a browser, which may be on another machine (OAuth 2.0 device authorization grant, RFC 8628), and
 * returns the identity token. Throws BUNNY_ESERVICE, BUNNY_EIDENTITY where nobody does, and as connections do.
 */
export async function signIn(hosts: Hosts, issuer: string, options: SignInOptions): Promise<string> {
  const { clientId = defaultClient, onPrompt, signal } = options;
  const at = serviceUrl(issuer, '/.well-known/openid-configuration', '--oidc-issuer');
  const found = answeredObject(await get(hosts, service, at, { signal }), service, at);
  const endpoint = (name: string) => serviceUrl(textOf(found, name, at), '', '--oidc-issuer');
  const ask = async (url: URL, form: Record<string, string>) => {
    const { bytes } = await post(hosts, {
      service,
      url,
      body: Buffer.from(new URLSearchParams({ client_id: clientId, ...form }).toString()),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      also: [400, 401, 403],
      isSecret: true,
      signal,
    });
    return answeredObject(bytes, service, url);
  };
  const devices = endpoint('device_authorization_endpoint');
  const tokens = endpoint('token_endpoint');
  const asked = await ask(devices, { scope: 'openid email' });
  const code = textOf(asked, 'device_code', devices);
  const { verification_uri_complete: complete, interval, expires_in: lifetime } = asked;
  onPrompt(
    typeof complete === 'string' ? complete : textOf(asked, 'verification_uri', devices),
    textOf(asked, 'user_code', devices),
  );
  let pause = seconds(interval, usualInterval);
  for (let waited = 0; waited < seconds(lifetime, longestWait); waited += pause) {
    await sleep(pause * 1000, undefined, { signal });
    const answer = await ask(tokens, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: code,
    });
    if (typeof answer.id_token === 'string') return answer.id_token;
    if (answer.error === 'slow_down') pause += usualInterval;
    else if (answer.error !== 'authorization_pending') {
      throw tokenError(
        `nobody signed in: ${String(answer.error)
          .replace(/[^\w ]/g, ' ')
          .slice(0, 100)}`,
        issuer,
      );
    }
  }
  throw tokenError('nobody signed in in time', issuer);
}

function seconds(value: unknown, usual: number): number {
  return typeof value === 'number' && value >= 1 ? Math.min(value, longestWait) : usual;
}

function textOf(answer: Record<string, unknown>, name: string, url: URL): string {
  const value = answer[name];
  if (typeof value === 'string' && value !== '') return value;
  throw serviceError(service, url, `its answer has no ${name}`);
}
