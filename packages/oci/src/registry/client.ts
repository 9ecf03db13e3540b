import { OciError } from '../content/errors.js';
import { isLoopback } from '../content/reference.js';
import { checkLeadsTo, guardedLookup } from '../http/addresses.js';
import { type ConnectionOptions, Connections } from '../http/connections.js';
import {
  defaultTimeouts,
  exchange,
  type HttpRequest,
  type RequestBody,
  type Timeouts,
} from '../http/exchange.js';
import { ConnectionFault, printableUrl } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import {
  defaultRetryPolicy,
  isPassing,
  isTooLong,
  pause,
  pauseBefore,
  type RetryPolicy,
  retryAfter,
} from '../http/retry.js';
import { Authenticator } from './authentication.js';
import { type Credential, type CredentialSource, DockerConfig } from './credentials.js';
import { printable, refusalError } from './errors.js';
import { maximumAnswer, type Scope, type TokenSender } from './token-request.js';
import { anyWay, type UploadKnowledge } from './upload-ways.js';

export interface RegistryOptions extends ConnectionOptions {
  /** Talk without TLS. Loopback hosts are talked to without TLS unless this is false. */
  plainHttp?: boolean;
  /** Where credentials come from; Docker's config.json unless said. */
  credentials?: CredentialSource;
  /** Asks token servers for an identity token to use in place of the password, as a login does. */
  offlineAccess?: boolean;
  retry?: Partial<RetryPolicy>;
  timeouts?: Partial<Timeouts>;
  /** Called once for each different warning of the registry (distribution-spec 1.1, "Warnings"). */
  onWarning?: (warning: string, host: string) => void;
  /** Called once for each different thing that is passed over here, with a line for the user. */
  onNotice?: (text: string) => void;
  /** Content up to this size is pushed in one request, larger content in chunks of it. Bytes; 32 MiB unless said. */
  chunkSize?: number;
}

/** One request to a registry. */
export interface Call {
  method: HttpRequest['method'];
  /** Absolute, or relative to `/v2/`. */
  url: URL | string;
  scopes: readonly Scope[];
  headers?: Readonly<Record<string, string>>;
  body?: RequestBody;
  signal?: AbortSignal | undefined;
  onSent?: (bytes: number) => void;
  /** Whether sending it twice does no harm; GET, HEAD, PUT and DELETE are repeatable unless this is false. */
  repeatable?: boolean;
  /** As in `TransferOptions`. */
  connectOnce?: boolean | undefined;
  /**
   * The body of a good answer is short and read with it, so that one which breaks off is asked for again:
   * the limit for `HttpResponse.bytes`.
   */
  gather?: number;
}

/** What was learned about a registry from its answers, and holds for all its repositories. */
export interface Knowledge {
  referrers?: 'api' | 'tag';
  /** Whether a blob may be pushed by a single POST. */
  singlePost?: boolean;
  /** Whether HEAD is answered; undefined until it is known. */
  head?: boolean;
  uploads: UploadKnowledge;
}

const maximumRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/** Talks to one registry: authorization, retries, redirects, warnings. Knows nothing of repositories. */
export class RegistryClient {
  readonly host: string;
  readonly base: URL;
  readonly knowledge: Knowledge = { uploads: { ...anyWay } };
  readonly chunkSize: number;
  readonly retry: RetryPolicy;
  readonly #connections: Connections;
  readonly #authenticator: Authenticator;
  readonly #timeouts: Timeouts;
  readonly #onWarning: (warning: string, host: string) => void;
  readonly #onNotice: (text: string) => void;
  readonly #warned = new Set<string>();
  /** Why the last attempt to connect failed, if it did. */
  #unreachable: ConnectionFault | undefined;
  /** The address that the registry answered from, where no proxy stands between. */
  #peer: string | undefined;

  constructor(host: string, options: RegistryOptions = {}) {
    this.host = host;
    const plain = options.plainHttp ?? isLoopback(host);
    const endpoint = host === 'docker.io' ? 'registry-1.docker.io' : host;
    this.base = new URL(`${plain ? 'http' : 'https'}://${endpoint}/v2/`);
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.chunkSize = options.chunkSize ?? 32 * 1024 * 1024;
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.#connections = new Connections(options);
    this.#onWarning = options.onWarning ?? (() => undefined);
    this.#onNotice = options.onNotice ?? (() => undefined);
    const credentials = options.credentials ?? dockerCredentials(options.environment);
    const send: TokenSender = (request) =>
      this.#retrying({ signal: request.signal, repeatable: true, gather: maximumAnswer }, () =>
        this.#follow(request, undefined),
      );
    this.#authenticator = new Authenticator(
      this.base,
      host,
      credentials,
      send,
      options.offlineAccess ?? false,
    );
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
    if (call.connectOnce && this.#unreachable !== undefined) throw this.#unreachable;
    return await this.#retrying({ ...call, repeatable }, () => this.#authorized(call));
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

  async #retrying(
    call: Pick<Call, 'signal' | 'repeatable' | 'connectOnce' | 'gather'>,
    send: () => Promise<HttpResponse>,
  ): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= this.retry.attempts;
      let asked: number | undefined;
      try {
        const response = await send();
        this.#unreachable = undefined;
        if (call.gather !== undefined && response.status === 200) await response.bytes(call.gather);
        if (last || !call.repeatable || !isPassing(response.status)) return response;
        asked = retryAfter(response.header('retry-after'), Date.now());
        if (isTooLong(asked, this.retry)) return response;
        await response.discard();
      } catch (error) {
        if (!(error instanceof ConnectionFault)) throw error;
        if (!error.mayHaveArrived) this.#unreachable = error;
        const isHopeless = error.mayHaveArrived ? !call.repeatable : call.connectOnce;
        if (last || isHopeless) throw error;
      }
      await pause(pauseBefore(attempt + 1, this.retry, asked), call.signal);
    }
  }

  async #authorized(call: Call): Promise<HttpResponse> {
    const url = typeof call.url === 'string' ? new URL(call.url, this.base) : call.url;
    const request: HttpRequest = { ...call, url };
    // Uploads may go on at another host, which gets no credentials.
    if (url.origin !== this.base.origin) {
      checkLeadsTo(this.base, url, this.#peer);
      return await this.#follow(request, undefined);
    }
    for (let attempt = 1; ; attempt++) {
      const authorization = await this.#authenticator.authorization(call.scopes, call.signal);
      const response = await this.#follow(request, authorization);
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

  async #follow(request: HttpRequest, authorization: string | undefined): Promise<HttpResponse> {
    let url = request.url;
    for (let hops = 0; ; hops++) {
      const headers: Record<string, string> = { ...request.headers };
      if (authorization !== undefined && url.origin === this.base.origin)
        headers.authorization = authorization;
      else if (url.origin !== request.url.origin) delete headers.authorization;
      const lookup = guardedLookup(this.base, url, this.#peer);
      const response = await exchange(
        { ...request, url, headers },
        this.#connections,
        this.#timeouts,
        lookup,
      );
      if (url.origin === this.base.origin) this.#peer = response.peer;
      this.#warn(response);
      if (!redirects.has(response.status) || !canFollow(request, response.status)) return response;
      const location = response.headers('location');
      await response.discard();
      if (hops >= maximumRedirects) {
        throw new OciError('BUNNY_EREDIRECT', `${this.host} redirects more than ${maximumRedirects} times`, {
          where: printableUrl(request.url),
          hint: 'the registry is misconfigured: it may send clients in a circle',
        });
      }
      const next = this.#next(url, location, response.peer);
      if (request.confidential && next.origin !== url.origin) throw this.#leak(next);
      url = next;
    }
  }

  #leak(to: URL): OciError {
    return new OciError(
      'BUNNY_EREDIRECT',
      `the token server of ${this.host} sends a login on to another host`,
      {
        where: printableUrl(to),
        hint: 'nothing was sent there; the token server, or someone on the way to it, is misconfigured or hostile',
      },
    );
  }

  #next(from: URL, location: readonly string[], peer: string | undefined): URL {
    const text = location[0];
    if (text === undefined || new Set(location).size > 1 || !URL.canParse(text, from.href)) {
      throw new OciError('BUNNY_EREDIRECT', `${this.host} redirects without a usable Location`, {
        where: printableUrl(from),
        hint: 'the registry is misconfigured',
      });
    }
    const to = new URL(text, from);
    checkLeadsTo(this.base, to, this.#peer);
    checkLeadsTo(from, to, peer);
    return to;
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

/** Only a request that carries no body, or one that redirects keep, is sent on. */
function canFollow(request: HttpRequest, status: number): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  return (status === 307 || status === 308) && request.headers?.authorization === undefined;
}

function dockerCredentials(environment: NodeJS.ProcessEnv | undefined): CredentialSource {
  const config = new DockerConfig(environment);
  // A helper is a program: it is not run for each repository.
  const ofHosts = new Map<string, Promise<Credential | undefined>>();
  return async (host, repository) => {
    const own = repository === undefined ? undefined : await config.getFor(host, repository);
    if (own !== undefined) return own;
    const ofHost = ofHosts.get(host) ?? config.get(host);
    ofHosts.set(host, ofHost);
    return await ofHost;
  };
}
