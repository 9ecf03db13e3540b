import { execFileSync } from 'node:child_process';
import { createPrivateKey, createSign, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TokenServerOptions {
  login: { username: string; password: string };
  service: string;
  /** Seconds. */
  lifetime?: number;
  /** Who needs no login for pulling. */
  anonymousPull?: boolean;
  /** How a refresh token can be had for the login; not at all unless said. */
  offline?: 'POST' | 'GET';
}

/** What a token server was asked. */
export interface TokenRequest {
  method: string;
  scopes: string[];
  authorization: string | undefined;
  grant: string | undefined;
  /** `client_id`, as an OAuth2 client and one that wants a refresh token gives it. */
  client: string | undefined;
}

/**
 * A token server after distribution's token specifications: GET with Basic, POST with a refresh token and, where
 * `offline` is POST, with a password.
 */
export class TokenServer {
  readonly issuer = 'bunny-tests';
  readonly requests: TokenRequest[] = [];
  /** PEM; what a registry trusts. */
  readonly certificate: string;
  readonly refreshToken = randomBytes(12).toString('hex');
  realm = '';
  readonly #key: KeyObject;
  readonly #options: TokenServerOptions;
  readonly #server: http.Server;

  constructor(options: TokenServerOptions) {
    this.#options = options;
    const { key, certificate } = selfSigned();
    this.#key = key;
    this.certificate = certificate;
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    this.realm = `http://127.0.0.1:${address.port}/token`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The scopes of a token, or undefined where it is not one of ours, or has run out. */
  verify(token: string): string[] | undefined {
    const payload = token.split('.')[1];
    if (payload === undefined) return undefined;
    try {
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
        exp: number;
        access: Access[];
      };
      if (claims.exp * 1000 <= Date.now()) return undefined;
      return claims.access.map((each) => `${each.type}:${each.name}:${each.actions.join(',')}`);
    } catch {
      return undefined;
    }
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const query = new URL(request.url ?? '/', 'http://x').searchParams;
    const scopes = request.method === 'POST' ? (form.get('scope') ?? '').split(' ') : query.getAll('scope');
    const { authorization } = request.headers;
    this.requests.push({
      method: request.method ?? '',
      scopes,
      authorization,
      grant: form.get('grant_type') ?? undefined,
      client: form.get('client_id') ?? query.get('client_id') ?? undefined,
    });
    const { offline } = this.#options;
    const known = this.#isKnown(authorization, form);
    const anonymous =
      authorization === undefined && request.method === 'GET' && (this.#options.anonymousPull ?? false);
    if (!known && !anonymous) {
      // A careless server repeats what it was sent; the client must not print it.
      response.writeHead(401).end(JSON.stringify({ details: `bad login ${authorization}` }));
      return;
    }
    const access = scopes.flatMap((scope) => parseScope(scope, known ? undefined : ['pull']));
    const token = this.#sign(access);
    response.setHeader('content-type', 'application/json');
    const wanted = form.get('access_type') === 'offline' || query.get('offline_token') === 'true';
    const given = known && wanted && request.method === offline ? { refresh_token: this.refreshToken } : {};
    const named = request.method === 'POST' ? { access_token: token } : { token };
    response.end(JSON.stringify({ ...named, ...given, expires_in: this.#options.lifetime ?? 300 }));
  }

  #isKnown(authorization: string | undefined, form: URLSearchParams): boolean {
    const { login, offline } = this.#options;
    const { username, password } = login;
    if (authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`) return true;
    if (form.get('grant_type') === 'refresh_token') return form.get('refresh_token') === this.refreshToken;
    if (form.get('grant_type') !== 'password' || offline !== 'POST') return false;
    return form.get('username') === username && form.get('password') === password;
  }

  #sign(access: Access[]): string {
    const now = Math.floor(Date.now() / 1000);
    const chain = this.certificate.replace(/-----[^-]+-----|\s/g, '');
    const header = { typ: 'JWT', alg: 'RS256', x5c: [chain] };
    const claims = {
      iss: this.issuer,
      sub: 'tests',
      aud: this.#options.service,
      exp: now + (this.#options.lifetime ?? 300),
      nbf: now - 10,
      iat: now,
      jti: randomBytes(8).toString('hex'),
      access,
    };
    const body = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${body}.${createSign('RSA-SHA256').update(body).sign(this.#key).toString('base64url')}`;
  }
}

interface Access {
  type: string;
  name: string;
  actions: string[];
}

function parseScope(scope: string, allowed: string[] | undefined): Access[] {
  const match = /^(\w+):(.+):([\w,*]+)$/.exec(scope);
  if (match === null) return [];
  const [, type = '', name = '', actions = ''] = match;
  return [{ type, name, actions: actions.split(',').filter((each) => allowed?.includes(each) ?? true) }];
}

function selfSigned(): { key: KeyObject; certificate: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'bunny-issuer-'));
  try {
    const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(directory, name)) as [
      string,
      string,
    ];
    const subject = ['-subj', '/CN=bunny-tests', '-days', '2', '-nodes', '-newkey', 'rsa:2048'];
    execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
    return { key: createPrivateKey(readFileSync(key)), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
