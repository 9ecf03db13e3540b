import type { OciError } from '../content/errors.js';
import { HttpClient, type HttpClientOptions, type Tries } from '../http/client.js';
import type { Connections } from '../http/connections.js';
import type { HttpRequest, RequestBody } from '../http/exchange.js';
import { printableUrl } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import type { RetryPolicy } from '../http/retry.js';
import { Authenticator } from './authentication.js';
import type { CredentialSource } from './credentials.js';
import { printable, refusalError } from './errors.js';
import { maximumAnswer, type Scope, type TokenSender } from './token-request.js';
import { anyWay, type UploadKnowledge } from './upload-ways.js';

export interface RegistryClientOptions extends Omit<HttpClientOptions, 'onAnswer'> {
  credentials: CredentialSource;
  /** Asks token servers for an identity token to use in place of the password, as a login does. */
  offlineAccess?: boolean | undefined;
  /** Called once for each different warning of the registry (distribution-spec 1.1, "Warnings"). */
  onWarning?: ((warning: string, host: string) => void) | undefined;
  /** Called once for each different thing that is passed over here, with a line for the user. */
  onNotice?: ((text: string) => void) | undefined;
  /** Content up to this size is pushed in one request, larger content in chunks of it. Bytes; 32 MiB unless said. */
  chunkSize?: number | undefined;
}

/** One request to a registry. */
export interface Call extends Pick<Tries, 'connectOnce' | 'gather'> {
  method: HttpRequest['method'];
  /** Absolute, or relative to `/v2/`. */
  url: URL | string;
  scopes: readonly Scope[];
  headers?: Readonly<Record<string, string>> | undefined;
  body?: RequestBody | undefined;
  signal?: AbortSignal | undefined;
  onSent?: ((bytes: number) => void) | undefined;
  /** Whether sending it twice does no harm; GET, HEAD, PUT and DELETE are repeatable unless this is false. */
  repeatable?: boolean | undefined;
}

/** What was learned about a registry from its answers, and holds for all its repositories. */
export interface Knowledge {
  referrers?: 'api' | 'tag' | undefined;
  /** Whether a blob may be pushed by a single POST. */
  singlePost?: boolean | undefined;
  /** Whether HEAD is answered; undefined until it is known. */
  head?: boolean | undefined;
  uploads: UploadKnowledge;
}

/** Talks to one registry: authorization and warnings above plain HTTP. Knows nothing of repositories. */
export class RegistryClient {
  readonly host: string;
  readonly knowledge: Knowledge = { uploads: { ...anyWay } };
  readonly chunkSize: number;
  readonly #http: HttpClient;
  readonly #authenticator: Authenticator;
  readonly #onWarning: (warning: string, host: string) => void;
  readonly #onNotice: (text: string) => void;
  readonly #warned = new Set<string>();

  /** `plain` says that the host is talked to without TLS. */
  constructor(host: string, plain: boolean, connections: Connections, options: RegistryClientOptions) {
    this.host = host;
    const endpoint = host === 'docker.io' ? 'registry-1.docker.io' : host;
    const base = new URL(`${plain ? 'http' : 'https'}://${endpoint}/v2/`);
    const onAnswer = (response: HttpResponse): void => this.#warn(response);
    this.#http = new HttpClient(base, host, connections, { ...options, onAnswer });
    this.chunkSize = options.chunkSize ?? 32 * 1024 * 1024;
    this.#onWarning = options.onWarning ?? (() => undefined);
    this.#onNotice = options.onNotice ?? (() => undefined);
    const send: TokenSender = (request) =>
      this.#http.request(request, { repeatable: true, gather: maximumAnswer });
    this.#authenticator = new Authenticator(
      base,
      host,
      options.credentials,
      send,
      options.offlineAccess ?? false,
    );
  }

  get base(): URL {
    return this.#http.base;
  }

  get retry(): RetryPolicy {
    return this.#http.retry;
  }

  /** The refresh token that the registry's token server gave in place of the credential, if it did. */
  get identityToken(): string | undefined {
    return this.#authenticator.refreshToken;
  }

  /**
   * Sends a request and returns the answer, whatever its status, once it is not a passing one. Throws
   * BUNNY_ENETWORK, BUNNY_ETIMEOUT, BUNNY_EAUTH, BUNNY_EREDIRECT, BUNNY_EABORTED.
   */
  async request(call: Call): Promise<HttpResponse> {
    const repeatable = call.repeatable ?? (call.method !== 'POST' && call.method !== 'PATCH');
    return await this.#http.retrying({ ...call, repeatable }, () => this.#authorized(call));
  }

  /**
   * The error for an answer that is not the one hoped for; `action` completes "the registry did not …", and `pushedTo` is
   * the repository that was to be written to.
   */
  async refusal(
    response: HttpResponse,
    action: string,
    where: string,
    scopes: readonly Scope[],
    pushedTo?: string,
  ): Promise<OciError> {
    const secret = await this.#authenticator.authorization(scopes).catch(() => undefined);
    return await refusalError(response, action, where, secret, pushedTo);
  }

  async #authorized(call: Call): Promise<HttpResponse> {
    const url = typeof call.url === 'string' ? new URL(call.url, this.base) : call.url;
    const request: HttpRequest = { ...call, url };
    // Uploads may go on at another host, which gets no credentials.
    if (url.origin !== this.base.origin) return await this.#http.follow(request);
    for (let attempt = 1; ; attempt++) {
      const authorization = await this.#authenticator.authorization(call.scopes, call.signal);
      const headers = authorization === undefined ? call.headers : { ...call.headers, authorization };
      const response = await this.#http.follow({ ...request, headers });
      if (response.status !== 401 || response.url.origin !== this.base.origin) return response;
      const again = await this.#authenticator
        .learn(response, call.scopes, authorization)
        .catch(async (error: unknown) => {
          // Nobody else has a use for the answer, and left alone it keeps its connection, and the process, alive.
          await response.discard();
          throw error;
        });
      if (!again || attempt >= 3) {
        const action = authorization === undefined ? 'answer without a login' : 'accept the login';
        throw await refusalError(response, action, printableUrl(url), authorization);
      }
      await response.discard();
    }
  }

  #warn(response: HttpResponse): void {
    for (const value of response.headers('warning')) {
      const text = /^\s*299 - "((?:[^"\\]|\\.)*)"/.exec(value.slice(0, 2000))?.[1]?.replace(/\\(.)/g, '$1');
      if (text !== undefined && this.#isNew(text)) this.#onWarning(printable(text), this.host);
    }
  }

  /** Tells the user, once, of something in an answer that is passed over. */
  notice(text: string): void {
    if (this.#isNew(text)) this.#onNotice(printable(text));
  }

  #isNew(text: string): boolean {
    if (this.#warned.has(text) || this.#warned.size >= 100) return false;
    this.#warned.add(text);
    return true;
  }
}
