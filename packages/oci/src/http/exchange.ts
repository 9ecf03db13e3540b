import http from 'node:http';
import type https from 'node:https';
import type { LookupFunction } from 'node:net';
import { abortedError, fileError, OciError, pathOf, throwIfAborted } from '../content/errors.js';
import type { Cancellable } from './agents.js';
import { ConnectionFault, connectionFault } from './fault.js';
import { lookupAddress } from './name-lookup.js';
import { type Phase, PhaseClock } from './phase-clock.js';
import { serverName } from './proxy.js';
import { type HttpResponse, NodeResponse } from './response.js';
import type { Timeouts } from './timeouts.js';

/** What may be sent: bytes, or a stream with the number of bytes that it has to have. */
export type RequestBody = Uint8Array | { length: number; stream: () => AsyncIterable<Uint8Array> };

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: RequestBody | undefined;
  signal?: AbortSignal | undefined;
  /** Bytes of the body that have been handed to the connection. */
  onSent?: ((bytes: number) => void) | undefined;
  /** Whose origin this is, where the body holds a secret for it: no redirect takes it to another. */
  confidential?: string | undefined;
}

/** How connections are made. */
export interface Connector {
  /** The agent for a host, which may be one of `node:https`. */
  agent(url: URL): Promise<http.Agent>;
  /** Where a plain HTTP request goes by way of a proxy: the proxy, and the headers it wants. */
  forward(url: URL): { proxy: URL; headers: Record<string, string> } | undefined;
  /** The host of the proxy on the way, by whichever means; undefined where there is none. */
  proxy(url: URL): string | undefined;
}

/** One request and one answer, without redirects, retries or credentials. Throws OciError. */
export async function exchange(
  request: HttpRequest,
  connector: Connector,
  timeouts: Timeouts,
  lookup: LookupFunction = lookupAddress,
): Promise<HttpResponse> {
  const { url, signal, body } = request;
  const agent = await connector.agent(url);
  const proxy = connector.proxy(url);
  throwIfAborted(signal);
  return await new Promise((resolve, reject) => {
    const sent = open(request, connector, agent, lookup);
    // What an expired clock or the user's signal takes down: first the request, then the answer.
    let current: { destroy(error: Error): unknown } = sent;
    let connected = false;
    const clock = new PhaseClock((phase) => current.destroy(timeoutFault(phase, url)));
    const abort = (): void => {
      const error = abortedError(signal?.reason);
      current.destroy(error);
      // Node tells of it only once the request has a connection, for which it may have to wait.
      reject(error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    const over = (): void => {
      clock.stop();
      signal?.removeEventListener('abort', abort);
    };
    let begin = (): void => undefined;
    const isReady = new Promise<void>((done) => {
      begin = done;
    });
    // Until there is a socket for it, a request waits for others to finish: that is nobody's delay.
    sent.once('socket', (socket) => {
      const ready = (): void => {
        connected = true;
        begin();
        if (body === undefined || body.length === 0) clock.start('headers', timeouts.headers);
        else clock.start('idle', timeouts.idle);
      };
      if (!socket.connecting) {
        ready();
        return;
      }
      clock.start('connect', timeouts.connect);
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', ready);
    });
    sent.on('error', (error) => {
      over();
      reject(connectionFault(error, url, connected, proxy));
    });
    sent.on('response', (message) => {
      current = message;
      clock.start('idle', timeouts.idle);
      message.once('close', over);
      const peer = proxy === undefined ? message.socket.remoteAddress : undefined;
      const isHead = request.method === 'HEAD';
      resolve(new NodeResponse(message, { url, peer, isHead }, clock, timeouts.idle));
    });
    void sendBody(sent, request, clock, timeouts, isReady);
  });
}

/** Begins a request, by way of a proxy where there is one. */
function open(
  request: HttpRequest,
  connector: Connector,
  agent: http.Agent,
  lookup: LookupFunction,
): http.ClientRequest {
  const { url, method, body } = request;
  const forward = connector.forward(url);
  const headers: Record<string, string> = { 'user-agent': 'bunny', ...request.headers, ...forward?.headers };
  if (body !== undefined) headers['content-length'] = String(body.length);
  else if (method !== 'GET' && method !== 'HEAD') headers['content-length'] = '0';
  const options: http.RequestOptions & Cancellable = { method, headers, agent, cancel: request.signal };
  // With an agent of `node:https` this speaks TLS as well.
  if (forward === undefined) return http.request(url, { ...options, lookup });
  headers.host = url.host;
  const { proxy } = forward;
  // Node would take the name in a proxy's certificate for that of the host behind it.
  const secure: https.RequestOptions = {
    ...options,
    lookup: lookupAddress,
    servername: serverName(proxy),
    path: url.href,
  };
  return http.request(proxy, secure);
}

function timeoutFault(phase: Phase, url: URL): ConnectionFault {
  const what = phase === 'connect' ? 'no connection' : phase === 'headers' ? 'no answer' : 'no further data';
  return new ConnectionFault(
    'BUNNY_ETIMEOUT',
    `${what} from ${url.host} in time`,
    url,
    undefined,
    phase !== 'connect',
  );
}

/** Longer bodies are sent in pieces, so that the clock sees that they move. Bytes. */
const pieceSize = 256 * 1024;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

/**
 * Sends the body, a long one once the connection is `ready`; a source that fails takes the request down with its
 * own error.
 */
async function sendBody(
  sent: http.ClientRequest,
  request: HttpRequest,
  clock: PhaseClock,
  timeouts: Timeouts,
  ready: Promise<void>,
): Promise<void> {
  const { body } = request;
  const finish = (bytes?: Uint8Array): void => {
    sent.end(bytes, () => {
      if (bytes !== undefined) request.onSent?.(bytes.length);
      if (body !== undefined) clock.start('headers', timeouts.headers);
    });
  };
  if (body === undefined || (body instanceof Uint8Array && body.length <= pieceSize)) {
    finish(body);
    return;
  }
  await ready;
  try {
    for await (const chunk of body instanceof Uint8Array ? pieces(body) : body.stream()) {
      if (sent.destroyed || sent.errored) return;
      clock.start('idle', timeouts.idle);
      if (!sent.write(chunk)) await drained(sent);
      request.onSent?.(chunk.length);
    }
    finish();
  } catch (error) {
    sent.destroy(sourceError(error));
  }
}

/** A failure of what was to be sent, so that it is not taken for one of the connection. */
function sourceError(error: unknown): OciError {
  if (error instanceof OciError) return error;
  const where = pathOf(error) ?? 'the content to be sent';
  const refused = fileError(error, where);
  const message = refused instanceof Error ? refused.message : String(refused);
  return new OciError('BUNNY_EIO', `the content to be sent cannot be read: ${message}`, {
    where,
    hint: 'make sure that it can be read, and run again',
    cause: error,
    exitStatus: 74,
  });
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
