import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { fileError } from './errors.js';
import type { Connector } from './http-exchange.js';
import { proxyFor, TunnelAgent } from './proxy.js';

export interface ConnectionOptions {
  /** Connections to one host at the same time; 16 unless said. */
  connections?: number;
  /** PEM files of authorities that are trusted beside the usual ones; `$SSL_CERT_FILE` is one. */
  caFiles?: readonly string[];
  /** Accepts any certificate. For tests of one's own registry only. */
  insecure?: boolean;
  /** Where HTTP_PROXY, HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE are read from. */
  environment?: NodeJS.ProcessEnv;
}

/** Keep-alive connections, to hosts and by way of proxies. */
export class Connections implements Connector {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #http: http.Agent;
  readonly #https: https.AgentOptions;
  /** By proxy; '' for none. */
  readonly #secure = new Map<string, https.Agent>();

  /** Throws BUNNY_EIO where a file of authorities cannot be read. */
  constructor(options: ConnectionOptions = {}) {
    this.#environment = options.environment ?? process.env;
    const common = { keepAlive: true, maxSockets: options.connections ?? 16, scheduling: 'lifo' as const };
    this.#http = new http.Agent(common);
    this.#https = { ...common, rejectUnauthorized: !(options.insecure ?? false) };
    const extra = [...(options.caFiles ?? [])];
    if (this.#environment.SSL_CERT_FILE) extra.push(this.#environment.SSL_CERT_FILE);
    if (extra.length > 0) {
      // Node adds these by itself only where no others are named.
      if (this.#environment.NODE_EXTRA_CA_CERTS) extra.push(this.#environment.NODE_EXTRA_CA_CERTS);
      this.#https.ca = [...tls.rootCertificates, ...extra.map(readAuthorities)];
    }
  }

  agent(url: URL): http.Agent {
    if (url.protocol === 'http:') return this.#http;
    const proxy = proxyFor(url, this.#environment);
    const key = proxy?.href ?? '';
    const known = this.#secure.get(key);
    if (known !== undefined) return known;
    const agent = proxy === undefined ? new https.Agent(this.#https) : new TunnelAgent(proxy, this.#https);
    this.#secure.set(key, agent);
    return agent;
  }

  forward(url: URL): { proxy: URL; headers: Record<string, string> } | undefined {
    if (url.protocol !== 'http:') return undefined;
    const proxy = proxyFor(url, this.#environment);
    if (proxy === undefined) return undefined;
    const bare = new URL(proxy);
    bare.username = '';
    bare.password = '';
    return { proxy: bare, headers: proxyAuthorization(proxy) };
  }

  /** Closes idle connections. */
  close(): void {
    this.#http.destroy();
    for (const agent of this.#secure.values()) agent.destroy();
  }
}

export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(error, file);
  }
}
