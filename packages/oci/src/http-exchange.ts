import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { abortedError, OciError } from './errors.js';
import { ConnectionFault, connectionFault } from './http-fault.js';
import { type HttpResponse, NodeResponse } from './http-response.js';
import { PhaseClock } from './phase-clock.js';

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
    // What an expired clock or the user's signal takes down: first the request, then the answer.
    let current: { destroy(error: Error): unknown } = sent;
    const clock = new PhaseClock((phase) => {
      const what =
        phase === 'connect' ? 'no connection' : phase === 'headers' ? 'no answer' : 'no further data';
      current.destroy(
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
      current.destroy(abortedError(signal?.reason));
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
      reject(connectionFault(error, url, connected));
    });
    sent.on('response', (message) => {
      current = message;
      clock.start('idle', timeouts.idle);
      message.once('close', over);
      resolve(new NodeResponse(message, url, clock, timeouts.idle, request.method === 'HEAD'));
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
  clock: PhaseClock,
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
