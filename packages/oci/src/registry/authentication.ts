import { OciError } from '../content/errors.js';
import { OnceMap } from '../content/once-map.js';
import { checkLeadsTo } from '../http/addresses.js';
import { printableUrl } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import { isPassing } from '../http/retry.js';
import { type Challenge, parseChallenges } from './challenge.js';
import type { Credential, CredentialSource } from './credentials.js';
import {
  basicAuthorization,
  requestToken,
  type Scope,
  type TokenRequest,
  type TokenSender,
  type TokenService,
} from './token-request.js';

interface Bearer extends TokenService {
  kind: 'bearer';
}

type Scheme = { kind: 'basic' } | Bearer;

interface Token {
  value: string;
  /** Milliseconds of `performance.now()`. */
  renewAt: number;
}

/** A token is renewed when this much of its life is over. */
const usableShare = 0.75;

/**
 * Credentials and tokens for one registry: Basic, and the Bearer flow of the distribution token
 * specification. It learns what the registry wants from its first refusal, and from then on sends the
 * right header at once. Credentials leave only for the registry's own host, or for a token server with
 * TLS that it names.
 */
export class Authenticator {
  readonly #registry: URL;
  readonly #host: string;
  readonly #credentials: CredentialSource;
  readonly #send: TokenSender;
  readonly #tokens = new Map<string, Promise<Token>>();
  #scheme: Scheme | undefined;
  /** By repository: one may have a credential of its own. */
  readonly #logins = new OnceMap<string | undefined, Credential | undefined>();
  readonly #offline: boolean;
  /** Given by a token server in place of credentials, by these. */
  readonly #refreshTokens = new Map<string, string>();

  /** `offline` says that refresh tokens are asked for. */
  constructor(
    registry: URL,
    host: string,
    credentials: CredentialSource,
    send: TokenSender,
    offline: boolean,
  ) {
    this.#registry = registry;
    this.#host = host;
    this.#credentials = credentials;
    this.#send = send;
    this.#offline = offline;
  }

  /** What the token server gave last to be used in place of a credential from now on, if it did. */
  get refreshToken(): string | undefined {
    return [...this.#refreshTokens.values()].at(-1);
  }

  /** The `Authorization` header for a request, or undefined where the registry has not asked for one. */
  async authorization(scopes: readonly Scope[], signal?: AbortSignal): Promise<string | undefined> {
    if (this.#scheme === undefined) return undefined;
    if (this.#scheme.kind === 'bearer') return `Bearer ${await this.#token(this.#scheme, scopes, signal)}`;
    const credential = await this.#login(scopes);
    if (credential?.identityToken !== undefined && credential.password === '') throw this.#passwordWanted();
    if (credential === undefined || credential.username === '') throw this.#missing();
    return basicAuthorization(credential);
  }

  /**
   * Learns from a 401. Returns whether the request is worth another try: not where what was refused
   * is what would be sent again.
   */
  async learn(
    response: HttpResponse,
    scopes: readonly Scope[],
    refused: string | undefined,
  ): Promise<boolean> {
    const challenges = response.headers('www-authenticate').flatMap(parseChallenges);
    const bearer = challenges.find((each) => each.scheme === 'bearer');
    const basic = challenges.find((each) => each.scheme === 'basic');
    if (bearer !== undefined) return this.#learnBearer(bearer, scopes, refused, response.peer);
    if (basic === undefined) {
      throw new OciError(
        'BUNNY_EAUTH',
        `${this.#host} asks for an authentication scheme that is not supported`,
        {
          where: printableUrl(response.url),
          hint: 'Basic and Bearer are supported; ask the operator of the registry',
        },
      );
    }
    if (refused?.startsWith('Basic ')) return false;
    this.#scheme = { kind: 'basic' };
    return (await this.#login(scopes)) !== undefined;
  }

  #learnBearer(
    challenge: Challenge,
    scopes: readonly Scope[],
    refused: string | undefined,
    peer: string | undefined,
  ): boolean {
    const realm = this.#realm(challenge.parameters.get('realm'), peer);
    const service = challenge.parameters.get('service');
    const known = this.#scheme;
    const same = known?.kind === 'bearer' && known.realm.href === realm.href && known.service === service;
    if (!same) this.#scheme = { kind: 'bearer', registry: this.#host, realm, service };
    const key = keyOf(scopes);
    // A fresh token that was refused will be refused again; one that may have run out is worth a new one.
    if (refused !== undefined && same && challenge.parameters.get('error') === 'insufficient_scope')
      return false;
    this.#tokens.delete(key);
    return true;
  }

  #realm(text: string | undefined, peer: string | undefined): URL {
    if (text === undefined || !URL.canParse(text, this.#registry.href)) {
      throw new OciError('BUNNY_EAUTH', `${this.#host} names no token server that can be reached`, {
        where: this.#host,
        hint: 'the registry is misconfigured: its challenge has no usable realm',
      });
    }
    const realm = new URL(text, this.#registry);
    checkLeadsTo(this.#registry, realm, peer);
    if (realm.protocol === 'http:' && realm.hostname !== this.#registry.hostname) {
      throw new OciError(
        'BUNNY_EREDIRECT',
        `${this.#host} names a token server on another host without TLS`,
        {
          where: printableUrl(realm),
          hint: 'nothing was sent there; the registry, or someone on the way to it, is misconfigured or hostile',
        },
      );
    }
    return realm;
  }

  /** The credential for what the first of the scopes is about. */
  #login(scopes: readonly Scope[]): Promise<Credential | undefined> {
    const repository = /^repository:([^:]+):/.exec(scopes[0] ?? '')?.[1];
    return this.#logins.get(repository, () => this.#credentials(this.#host, repository));
  }

  #missing(): OciError {
    return new OciError('BUNNY_EAUTH', `${this.#host} asks for a login, and there is none for it`, {
      where: this.#host,
      hint: `log in to ${this.#host}`,
      login: this.#host,
    });
  }

  #passwordWanted(): OciError {
    return new OciError('BUNNY_EAUTH', `${this.#host} takes a name and password, not an identity token`, {
      where: this.#host,
      hint: `log in to ${this.#host} with both`,
      login: this.#host,
    });
  }

  async #token(scheme: Bearer, scopes: readonly Scope[], signal: AbortSignal | undefined): Promise<string> {
    const key = keyOf(scopes);
    const known = this.#tokens.get(key);
    if (known !== undefined) {
      const token = await known.catch(() => undefined);
      if (token !== undefined && performance.now() < token.renewAt) return token.value;
    }
    // Requests that wait for the same token share one.
    const current = this.#tokens.get(key);
    if (current !== undefined && current !== known) return (await current).value;
    const asked = this.#request(scheme, scopes, signal);
    this.#tokens.set(key, asked);
    try {
      return (await asked).value;
    } catch (error) {
      if (this.#tokens.get(key) === asked) this.#tokens.delete(key);
      throw error;
    }
  }

  async #request(scheme: Bearer, scopes: readonly Scope[], signal: AbortSignal | undefined): Promise<Token> {
    const credential = await this.#login(scopes);
    const known = JSON.stringify(credential ?? null);
    const request: TokenRequest = {
      scopes,
      credential,
      refreshToken: this.#refreshTokens.get(known) ?? credential?.identityToken,
      offline: this.#offline,
      signal,
    };
    const { status, granted } = await requestToken(scheme, request, this.#send);
    if (granted === undefined) throw this.#refusal(scheme, status, credential);
    if (granted.refreshToken !== undefined && credential !== undefined)
      this.#refreshTokens.set(known, granted.refreshToken);
    return { value: granted.token, renewAt: performance.now() + granted.lifetime * 1000 * usableShare };
  }

  #refusal(scheme: Bearer, status: number, credential: Credential | undefined): OciError {
    if (status === 200) {
      return new OciError('BUNNY_EAUTH', 'the token server answered without a token', {
        where: printableUrl(scheme.realm),
        hint: 'the registry is misconfigured: ask its operator',
      });
    }
    if (isPassing(status)) {
      return new OciError(
        'BUNNY_EREGISTRY',
        `the token server of ${this.#host} issues no token now (HTTP ${status})`,
        {
          where: printableUrl(scheme.realm),
          hint: 'it has a fault, or limits how often it may be asked: run again later',
        },
      );
    }
    const missing = credential === undefined;
    return new OciError(
      'BUNNY_EAUTH',
      missing
        ? `${this.#host} asks for a login, and there is none for it`
        : `the token server of ${this.#host} refused the login (HTTP ${status})`,
      {
        where: printableUrl(scheme.realm),
        hint: `log in ${missing ? 'to' : 'again to'} ${this.#host}`,
        login: this.#host,
      },
    );
  }
}

function keyOf(scopes: readonly Scope[]): string {
  return [...scopes].sort().join(' ');
}
