import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { abortedError, OciError } from '../content/errors.js';
import { lookupAddress } from './name-lookup.js';
import { proxyAuthorization, serverName } from './proxy.js';

/** The agents for TLS hosts: one for those that are reached directly, one for each proxy. */
export class SecureAgents {
  readonly #options: https.AgentOptions;
  /** By proxy; '' for none. */
  readonly #agents = new Map<string, https.Agent>();

  /** `authorities` (PEM) are trusted beside the usual ones. */
  constructor(options: https.AgentOptions, authorities: readonly string[]) {
    this.#options =
      authorities.length === 0 ? options : { ...options, ca: [...tls.rootCertificates, ...authorities] };
  }

  agent(proxy: URL | undefined): https.Agent {
    const key = proxy?.href ?? '';
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent =
      proxy === undefined ? new https.Agent(this.#options) : new TunnelAgent(proxy, this.#options);
    this.#agents.set(key, agent);
    return agent;
  }
}

/** What a request tells the agent that makes a connection for it. */
export interface Cancellable {
  /** Ends the wait for the connection. */
  cancel?: AbortSignal | undefined;
}

/** For a proxy to answer CONNECT. Milliseconds. */
const tunnelTimeout = 30_000;

/** Reaches TLS hosts through a proxy's CONNECT (RFC 9110, section 9.3.6). */
class TunnelAgent extends https.Agent {
  readonly #proxy: URL;
  readonly #authorities: https.AgentOptions['ca'];

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#authorities = options.ca;
  }

  override createConnection(
    options: http.ClientRequestArgs & tls.ConnectionOptions & Cancellable,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const host = String(options.host);
    const target = `${isIP(host) === 6 ? `[${host}]` : host}:${options.port}`;
    const headers = { host: target, ...proxyAuthorization(this.#proxy) };
    const client = this.#proxy.protocol === 'https:' ? https : http;
    const connect = client.request({
      host: this.#proxy.hostname.replace(/^\[|\]$/g, ''),
      port: this.#proxy.port || (this.#proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
      lookup: lookupAddress,
      ca: this.#authorities,
      servername: serverName(this.#proxy),
    });
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    connect.setTimeout(tunnelTimeout, () => connect.destroy(new Error('the proxy does not answer')));
    const cancel = (): void => {
      connect.destroy(abortedError(options.cancel?.reason));
    };
    options.cancel?.addEventListener('abort', cancel, { once: true });
    connect.once('close', () => options.cancel?.removeEventListener('abort', cancel));
    connect.once('error', fail);
    connect.once('connect', (response, socket) => {
      options.cancel?.removeEventListener('abort', cancel);
      socket.setTimeout(0);
      if (response.statusCode !== 200) {
        socket.destroy();
        fail(
          new OciError(
            'BUNNY_ENETWORK',
            `the proxy refused a connection to ${target} (HTTP ${response.statusCode})`,
            {
              where: this.#proxy.host,
              hint: 'check HTTPS_PROXY and NO_PROXY',
            },
          ),
        );
        return;
      }
      const secure = tls.connect({
        ...options,
        socket,
        servername: options.servername ?? host,
      });
      callback?.(null, secure);
    });
    connect.end();
    return undefined;
  }
}
