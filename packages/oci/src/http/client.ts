import { OciError } from '../content/errors.js';
import { checkLeadsTo, guardedLookup } from './addresses.js';
import type { Connections } from './connections.js';
import type { HttpRequest } from './exchange.js';
import { ConnectionFault, printableUrl } from './fault.js';
import type { HttpResponse } from './response.js';
import {
  defaultRetryPolicy,
  isPassing,
  isTooLong,
  pause,
  pauseBefore,
  type RetryPolicy,
  retryAfter,
} from './retry.js';
import { defaultTimeouts, type Timeouts } from './timeouts.js';

export interface HttpClientOptions {
  retry?: Partial<RetryPolicy> | undefined;
  timeouts?: Partial<Timeouts> | undefined;
  /** Ends every request, whatever signal that has of its own. */
  signal?: AbortSignal | undefined;
  /** Sees every answer, those that lead elsewhere as well. */
  onAnswer?: ((response: HttpResponse) => void) | undefined;
}

/** How a request is repeated. */
export interface Tries {
  signal?: AbortSignal | undefined;
  /** Whether sending it twice does no harm. */
  repeatable: boolean;
  /** It is not sent again where nothing could be connected to. */
  connectOnce?: boolean | undefined;
  /**
   * The body of a good answer is short and read with it, so that one which breaks off is asked for again:
   * the limit for `HttpResponse.bytes`.
   */
  gather?: number | undefined;
}

const maximumRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Talks to one host: redirects, retries, and guards of the addresses that the host leads to. Knows nothing of
 * credentials; a request's `Authorization` stays at the origin that it is for.
 */
export class HttpClient {
  /** Begins what the host is asked for. */
  readonly base: URL;
  readonly retry: RetryPolicy;
  /** The host for people. */
  readonly #name: string;
  readonly #connections: Connections;
  readonly #timeouts: Timeouts;
  readonly #signal: AbortSignal | undefined;
  readonly #onAnswer: (response: HttpResponse) => void;
  /** Why the last attempt to connect failed, if it did. */
  #unreachable: ConnectionFault | undefined;
  /** The address that the host answered from, where no proxy stands between. */
  #peer: string | undefined;

  constructor(base: URL, name: string, connections: Connections, options: HttpClientOptions = {}) {
    this.base = base;
    this.#name = name;
    this.#connections = connections;
    this.retry = { ...defaultRetryPolicy, ...options.retry };
    this.#timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.#signal = options.signal;
    this.#onAnswer = options.onAnswer ?? (() => undefined);
  }

  /**
   * Sends a request and returns the answer, whatever its status, once it is not a passing one. Throws
   * BUNNY_ENETWORK, BUNNY_ETIMEOUT, BUNNY_EREDIRECT, BUNNY_EABORTED.
   */
  async request(request: HttpRequest, tries: Omit<Tries, 'signal'>): Promise<HttpResponse> {
    return await this.retrying({ ...tries, signal: request.signal }, () => this.follow(request));
  }

  /** Sends with `send`, which answers as `follow` does, until the answer is not a passing one. Throws as `request`. */
  async retrying(tries: Tries, send: () => Promise<HttpResponse>): Promise<HttpResponse> {
    if (tries.connectOnce && this.#unreachable !== undefined) throw this.#unreachable;
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= this.retry.attempts;
      let asked: number | undefined;
      try {
        const response = await send();
        this.#unreachable = undefined;
        if (tries.gather !== undefined && response.status === 200) await response.bytes(tries.gather);
        if (last || !tries.repeatable || !isPassing(response.status)) return response;
        asked = retryAfter(response.header('retry-after'), Date.now());
        if (isTooLong(asked, this.retry)) return response;
        await response.discard();
      } catch (error) {
        if (!(error instanceof ConnectionFault)) throw error;
        if (!error.mayHaveArrived) this.#unreachable = error;
        const isHopeless = error.mayHaveArrived ? !tries.repeatable : tries.connectOnce;
        if (last || isHopeless) throw error;
      }
      await pause(pauseBefore(attempt + 1, this.retry, asked), this.#either(tries.signal));
    }
  }

  /** Sends a request once, and on to where the host leads. Throws as `request`. */
  async follow(request: HttpRequest): Promise<HttpResponse> {
    // Node's HTTP is loaded where something is asked: a command that has all it needs starts without.
    const { exchange } = await import('./exchange.js');
    const signal = this.#either(request.signal);
    let url = request.url;
    if (url.origin !== this.base.origin) checkLeadsTo(this.base, url, this.#peer);
    for (let hops = 0; ; hops++) {
      const headers: Record<string, string> = { ...request.headers };
      if (url.origin !== request.url.origin) delete headers.authorization;
      const lookup = guardedLookup(this.base, url, this.#peer);
      const response = await exchange(
        { ...request, url, headers, signal },
        this.#connections,
        this.#timeouts,
        lookup,
      );
      if (url.origin === this.base.origin) this.#peer = response.peer;
      this.#onAnswer(response);
      if (!redirects.has(response.status) || !canFollow(request.method, response.status)) return response;
      const location = response.headers('location');
      await response.discard();
      if (hops >= maximumRedirects) {
        throw new OciError('BUNNY_EREDIRECT', `${this.#name} redirects more than ${maximumRedirects} times`, {
          where: printableUrl(request.url),
          hint: 'the server is misconfigured: it may redirect clients in a loop',
        });
      }
      const next = this.#next(url, location, response.peer);
      if (request.confidential !== undefined && next.origin !== url.origin) {
        throw leak(request.confidential, next);
      }
      url = next;
    }
  }

  #next(from: URL, location: readonly string[], peer: string | undefined): URL {
    const text = location[0];
    if (text === undefined || new Set(location).size > 1 || !URL.canParse(text, from.href)) {
      throw new OciError('BUNNY_EREDIRECT', `${this.#name} redirects without a usable Location`, {
        where: printableUrl(from),
        hint: 'the server is misconfigured',
      });
    }
    const to = new URL(text, from);
    checkLeadsTo(this.base, to, this.#peer);
    checkLeadsTo(from, to, peer);
    return to;
  }

  /** The signal that ends a request: the client's, or the request's own. */
  #either(own: AbortSignal | undefined): AbortSignal | undefined {
    if (own === undefined || own === this.#signal) return this.#signal;
    return this.#signal === undefined ? own : AbortSignal.any([this.#signal, own]);
  }
}

/** Only a request that carries no body, or one that redirects keep, is sent on. */
function canFollow(method: HttpRequest['method'], status: number): boolean {
  return method === 'GET' || method === 'HEAD' || status === 307 || status === 308;
}

function leak(who: string, to: URL): OciError {
  return new OciError('BUNNY_EREDIRECT', `${who} forwards a login to another host`, {
    where: printableUrl(to),
    hint: 'nothing was sent there; the token server, or someone on the way to it, is misconfigured or hostile',
  });
}
