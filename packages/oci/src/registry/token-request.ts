import type { HttpRequest } from '../http/exchange.js';
import type { HttpResponse } from '../http/response.js';
import type { Credential } from './credentials.js';

/** What a request is about to do: `repository:libos/warren/libc:pull,push`. */
export type Scope = string;

/** Sends a request to a token server, with the retries that are usual. */
export type TokenSender = (request: HttpRequest) => Promise<HttpResponse>;

/** A token server, as a registry names it. */
export interface TokenService {
  /** The host of the registry. */
  registry: string;
  realm: URL;
  service: string | undefined;
}

/** What is asked of a token server. */
export interface TokenRequest {
  scopes: readonly Scope[];
  credential: Credential | undefined;
  /** Stands in for the credential. */
  refreshToken: string | undefined;
  /** Asks for a refresh token as well. */
  offline: boolean;
  signal: AbortSignal | undefined;
}

export interface GrantedToken {
  token: string;
  /** Seconds. */
  lifetime: number;
  refreshToken: string | undefined;
}

export interface TokenAnswer {
  status: number;
  /** Undefined where the server refused, or answered with something else. */
  granted: GrantedToken | undefined;
}

/** Token servers that do not say how long a token lives mean this (token specification). Seconds. */
const defaultLifetime = 60;
/** Of a token server. Bytes. */
export const maximumAnswer = 1024 * 1024;
const client = 'bunny';

/**
 * Asks a token server for a token: with a refresh token by OAuth2's POST, with a name and password, or
 * for anybody, by GET (distribution: "Token Authentication", "OAuth2 Token Authentication"). Where a
 * refresh token is wanted for a name and password, by POST first. Throws BUNNY_ENETWORK, BUNNY_ETIMEOUT.
 */
export async function requestToken(
  server: TokenService,
  request: TokenRequest,
  send: TokenSender,
): Promise<TokenAnswer> {
  const { credential, refreshToken, offline } = request;
  if (refreshToken !== undefined) {
    return await post(server, request, { grant_type: 'refresh_token', refresh_token: refreshToken }, send);
  }
  if (offline && credential !== undefined && credential.username !== '') {
    const { username, password } = credential;
    const grant = { grant_type: 'password', access_type: 'offline', username, password };
    const answer = await post(server, request, grant, send);
    if (answer.granted !== undefined) return answer;
    // Servers that know GET only answer with 400, 401, 404 or 405: what is wrong is for GET to say.
  }
  return await get(server, request, send);
}

async function get(
  { realm, service }: TokenService,
  { scopes, credential, offline, signal }: TokenRequest,
  send: TokenSender,
): Promise<TokenAnswer> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const headers: Record<string, string> = {};
  if (credential !== undefined && credential.username !== '') {
    url.searchParams.set('account', credential.username);
    headers.authorization = basicAuthorization(credential);
    if (offline) {
      url.searchParams.set('offline_token', 'true');
      url.searchParams.set('client_id', client);
    }
  }
  return await read(await send({ method: 'GET', url, headers, signal }));
}

async function post(
  { registry, realm, service }: TokenService,
  { scopes, signal }: TokenRequest,
  grant: Readonly<Record<string, string>>,
  send: TokenSender,
): Promise<TokenAnswer> {
  const form = new URLSearchParams({ ...grant, client_id: client });
  if (service !== undefined) form.set('service', service);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = Buffer.from(form.toString());
  const confidential = `the token server of ${registry}`;
  return await read(await send({ method: 'POST', url: realm, headers, body, signal, confidential }));
}

/** The `Authorization` of a name and password (RFC 7617). */
export function basicAuthorization({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function read(response: HttpResponse): Promise<TokenAnswer> {
  const bytes = await response.bytes(maximumAnswer);
  return { status: response.status, granted: response.status === 200 ? parseGrant(bytes) : undefined };
}

function parseGrant(bytes: Buffer): GrantedToken | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { token, access_token, expires_in, refresh_token } = answer as Record<string, unknown>;
  const value = token || access_token;
  // A token goes into a header: no line ends in it.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) return undefined;
  return {
    token: value,
    lifetime: typeof expires_in === 'number' && expires_in > 0 ? expires_in : defaultLifetime,
    refreshToken: typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : undefined,
  };
}
