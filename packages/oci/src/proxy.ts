import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { OciError } from './errors.js';
import { isLoopback } from './reference.js';

/**
 * The proxy that the environment names for a URL, by the rules that curl and Go share: `HTTPS_PROXY`,
 * `HTTP_PROXY` (in either case; `HTTP_PROXY` not in CGI), `NO_PROXY` with host names, `.suffixes`,
 * addresses and `*`. Loopback hosts are never proxied. Throws BUNNY_EREFERENCE where it is no URL.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  if (isLoopback(url.host) || isExempt(url, environment.NO_PROXY ?? environment.no_proxy ?? ''))
    return undefined;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const upper =
    name === 'HTTP_PROXY' && environment.REQUEST_METHOD !== undefined ? undefined : environment[name];
  const text = environment[name.toLowerCase()] || upper;
  if (!text) return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  if (/^https?:/.test(full) && URL.canParse(full)) return new URL(full);
  throw new OciError('BUNNY_EREFERENCE', `${name} is not the URL of a proxy`, {
    hint: 'write http://host:port',
    exitStatus: 2,
  });
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .some((each) => {
      if (each === '') return false;
      if (each === '*') return true;
      const [, name = '', wanted] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(each) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const bare = name.replace(/^\*?\./, '');
      return host === bare || host.endsWith(`.${bare}`);
    });
}

/** For a proxy to answer CONNECT. Milliseconds. */
const tunnelTimeout = 30_000;

/** Reaches TLS hosts through a proxy's CONNECT (RFC 9110, section 9.3.6). */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: http.ClientRequestArgs & tls.ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const target = `${options.host}:${options.port}`;
    const headers: Record<string, string> = { host: target };
    if (this.#proxy.username !== '') {
      const pair = `${decodeURIComponent(this.#proxy.username)}:${decodeURIComponent(this.#proxy.password)}`;
      headers['proxy-authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    const client = this.#proxy.protocol === 'https:' ? https : http;
    const connect = client.request({
      host: this.#proxy.hostname,
      port: this.#proxy.port || (this.#proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: target,
      headers,
      agent: false,
    });
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    connect.setTimeout(tunnelTimeout, () => connect.destroy(new Error('the proxy does not answer')));
    connect.once('error', fail);
    connect.once('connect', (response, socket) => {
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
        servername: options.servername ?? String(options.host),
      });
      callback?.(null, secure);
    });
    connect.end();
    return undefined;
  }
}
