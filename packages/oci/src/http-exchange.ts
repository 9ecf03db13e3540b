import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { abortedError, codeOf, OciError } from './errors.js';

/** What may be sent: bytes, or a stream with the number of bytes that it has. */
export type RequestBody = Uint8Array | { length: number; stream: () => AsyncIterable<Uint8Array> };

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Readonly<Record<string, string>>;
  body?: RequestBody;
  signal?: AbortSignal | undefined;
  /** Bytes of the body that have been handed to the connection. */
  onSent?: (bytes: number) => void;
}

export interface HttpResponse {
  status: number;
  url: URL;
  /** One header, in lower case; several of one name are joined with `, `. */
  header(name: string): string | undefined;
  /** All values of a header that may stand several times. */
  headers(name: string): string[];
  /** The body; iterate once. Throws BUNNY_ENETWORK or BUNNY_ETIMEOUT where it breaks off or stalls. */
  body: AsyncIterable<Uint8Array>;
  /** The whole body, up to `limit` bytes. Throws BUNNY_ELIMIT. */
  bytes(limit: number): Promise<Buffer>;
  /** Gives the connection up, or back where the rest of the body is short. */
  discard(): Promise<void>;
}

/** Milliseconds. */
export interface Timeouts {
  connect: number;
  /** From the last byte of the request to the headers of the response. */
  headers: number;
  /** Between two pieces of a body, either way. */
  idle: number;
}

export const defaultTimeouts: Timeouts = { connect: 15_000, headers: 60_000, idle: 60_000 };

/** How connections are made. */
export interface Connector {
  agent(url: URL): http.Agent;
  /** Where a plain HTTP request goes by way of a proxy: the proxy, and the headers it wants. */
  forward(url: URL): { proxy: URL; headers: Record<string, string> } | undefined;
}

/** An URL for people: no credentials, and no query, in which storage services keep signatures. */
export function printableUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether the request may have been acted on before the connection failed; false where it cannot have left. */
export class ConnectionFault extends OciError {
  readonly mayHaveArrived: boolean;

  constructor(
    code: 'BUNNY_ENETWORK' | 'BUNNY_ETIMEOUT',
    summary: string,
    url: URL,
    cause: unknown,
    mayHaveArrived: boolean,
  ) {
    super(code, summary, {
      where: printableUrl(url),
      cause,
      hint: 'check the network and that the registry is up, then run again: what has arrived is kept',
    });
    this.mayHaveArrived = mayHaveArrived;
  }
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  HPE_INVALID_CONSTANT: 'the answer is not HTTP',
  HPE_HEADER_OVERFLOW: 'the headers of the answer are too large',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody that is trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody that is trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody that is trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody that is trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  EPROTO: 'it does not speak TLS (a registry without TLS needs --plain-http)',
};

function fault(error: unknown, url: URL, mayHaveArrived: boolean): OciError {
  if (error instanceof OciError) return error;
  const code = codeOf(error) ?? '';
  const why =
    words[code] ??
    (code.startsWith('HPE_')
      ? 'the answer is not HTTP'
      : error instanceof Error
        ? error.message
        : String(error));
  return new ConnectionFault(
    'BUNNY_ENETWORK',
    `cannot talk to ${url.host}: ${why}`,
    url,
    error,
    mayHaveArrived,
  );
}

/** One request and one answer, without redirects, retries or credentials. Throws OciError. */
export function exchange(
  request: HttpRequest,
  connector: Connector,
  timeouts: Timeouts,
  lookup?: LookupFunction,
): Promise<HttpResponse> {
  const { url, signal } = request;
  if (signal?.aborted) return Promise.reject(abortedError(signal.reason));
  return new Promise((resolve, reject) => {
    const forward = connector.forward(url);
    const body = request.body;
    const length = body === undefined ? undefined : body.length;
    const headers: Record<string, string> = {
      'user-agent': 'bunny',
      ...request.headers,
      ...forward?.headers,
    };
    if (length !== undefined) headers['content-length'] = String(length);
    else if (request.method !== 'GET' && request.method !== 'HEAD') headers['content-length'] = '0';
    const options: https.RequestOptions = { method: request.method, headers, agent: connector.agent(url) };
    if (lookup !== undefined) options.lookup = lookup;
    if (forward !== undefined) headers.host = url.host;
    const sent =
      forward === undefined
        ? (url.protocol === 'https:' ? https : http).request(url, options)
        : http.request(forward.proxy, { ...options, path: url.href });
    const clock = new Clock((phase) => {
      const what =
        phase === 'connect' ? 'no connection' : phase === 'headers' ? 'no answer' : 'no further data';
      sent.destroy(
        new ConnectionFault(
          'BUNNY_ETIMEOUT',
          `${what} from ${url.host} in time`,
          url,
          undefined,
          phase !== 'connect',
        ),
      );
    });
    const abort = (): void => {
      sent.destroy(abortedError(signal?.reason));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const over = (): void => {
      clock.stop();
      signal?.removeEventListener('abort', abort);
    };
    clock.start('connect', timeouts.connect);
    let connected = false;
    sent.on('socket', (socket) => {
      const ready = (): void => {
        connected = true;
        clock.start(length ? 'idle' : 'headers', length ? timeouts.idle : timeouts.headers);
      };
      if (!socket.connecting) ready();
      else
        socket.once(url.protocol === 'https:' && forward === undefined ? 'secureConnect' : 'connect', ready);
    });
    sent.on('error', (error) => {
      over();
      reject(fault(error, url, connected));
    });
    sent.on('response', (message) => {
      clock.start('idle', timeouts.idle);
      message.once('close', over);
      resolve(new Response(message, url, clock, timeouts.idle));
    });
    if (body === undefined) sent.end();
    else if (body instanceof Uint8Array) {
      sent.end(body, () => {
        request.onSent?.(body.length);
        clock.start('headers', timeouts.headers);
      });
    } else void writeBody(sent, body, request, clock, timeouts);
  });
}

/** Streams a body; a source that fails takes the request down with its own error. */
async function writeBody(
  sent: http.ClientRequest,
  body: { length: number; stream: () => AsyncIterable<Uint8Array> },
  request: HttpRequest,
  clock: Clock,
  timeouts: Timeouts,
): Promise<void> {
  try {
    let written = 0;
    for await (const chunk of body.stream()) {
      if (sent.destroyed || sent.errored) return;
      written += chunk.length;
      if (written > body.length)
        throw new OciError('BUNNY_ESIZE', 'the content is longer than its descriptor says');
      clock.start('idle', timeouts.idle);
      if (!sent.write(chunk)) await drained(sent);
      request.onSent?.(chunk.length);
    }
    if (written < body.length)
      throw new OciError('BUNNY_ESIZE', 'the content is shorter than its descriptor says');
    sent.end(() => clock.start('headers', timeouts.headers));
  } catch (error) {
    sent.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function drained(sent: http.ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      sent.off('drain', done);
      sent.off('close', done);
      resolve();
    };
    sent.on('drain', done);
    sent.on('close', done);
  });
}

type Phase = 'connect' | 'headers' | 'idle';

/** One timer for the phase that an exchange is in. */
class Clock {
  readonly #expired: (phase: Phase) => void;
  #timer: NodeJS.Timeout | undefined;
  #phase: Phase | undefined;

  constructor(expired: (phase: Phase) => void) {
    this.#expired = expired;
  }

  start(phase: Phase, milliseconds: number): void {
    if (this.#phase === phase && this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.stop();
    this.#phase = phase;
    this.#timer = setTimeout(() => this.#expired(phase), milliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Rests of bodies up to this size are read so that the connection can be used again. Bytes. */
const worthReading = 64 * 1024;

class Response implements HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly #message: IncomingMessage;
  readonly #clock: Clock;
  readonly #idle: number;

  constructor(message: IncomingMessage, url: URL, clock: Clock, idle: number) {
    this.status = message.statusCode ?? 0;
    this.url = url;
    this.#message = message;
    this.#clock = clock;
    this.#idle = idle;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headers(name: string): string[] {
    return this.#message.headersDistinct[name] ?? [];
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of this.#message as AsyncIterable<Uint8Array>) {
        // While the consumer works nothing is expected from the peer.
        this.#clock.stop();
        yield chunk;
        this.#clock.start('idle', this.#idle);
      }
    } catch (error) {
      throw fault(error, this.url, true);
    } finally {
      this.#clock.stop();
    }
  }

  async bytes(limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#read()) {
      length += chunk.length;
      if (length > limit) {
        throw new OciError('BUNNY_ELIMIT', `the answer is longer than ${limit} bytes`, {
          where: printableUrl(this.url),
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async discard(): Promise<void> {
    const length = this.#message.headers['content-length'];
    if (length === undefined || Number(length) > worthReading) {
      this.#message.destroy();
      return;
    }
    await this.bytes(worthReading).catch(() => undefined);
  }
}
