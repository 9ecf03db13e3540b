import { readFileSync } from 'node:fs';
import type http from 'node:http';
import { fileError, isNotFound, OciError } from '../content/errors.js';
import type { SecureAgents } from './agents.js';
import type { Connector } from './exchange.js';
import { proxyAuthorization, proxyFor } from './proxy.js';

export interface ConnectionOptions {
  /** Connections to one host at the same time; 16 unless said. */
  connections?: number | undefined;
  /** PEM files of authorities that are trusted beside the usual ones; `$SSL_CERT_FILE` is one. */
  caFiles?: readonly string[] | undefined;
  /** Accepts any certificate. For tests of one's own registry only. */
  insecure?: boolean | undefined;
  /** Where HTTP_PROXY, HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE are read from. */
  environment?: NodeJS.ProcessEnv | undefined;
}

/** Keep-alive connections, to hosts and by way of proxies. */
export class Connections implements Connector {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #loadPlain: () => Promise<http.Agent>;
  #plain: Promise<http.Agent> | undefined;
  readonly #loadSecure: () => Promise<SecureAgents>;
  #secure: Promise<SecureAgents> | undefined;

  /** Throws BUNNY_EIO or BUNNY_EACCESS where a file of authorities cannot be read. */
  constructor(options: ConnectionOptions = {}) {
    this.#environment = options.environment ?? process.env;
    const { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS } = this.#environment;
    const common = { keepAlive: true, maxSockets: options.connections ?? 16, scheduling: 'lifo' as const };
    this.#loadPlain = async () => new (await import('node:http')).Agent(common);
    const files = [...(options.caFiles ?? [])];
    if (SSL_CERT_FILE) files.push(SSL_CERT_FILE);
    // Node adds these by itself only where no others are named.
    if (files.length > 0 && NODE_EXTRA_CA_CERTS) files.push(NODE_EXTRA_CA_CERTS);
    const authorities = files.map(readAuthorities);
    options.caFiles?.forEach((file, i) => {
      requireCertificate(authorities[i] ?? '', file);
    });
    // Node's TLS takes a quarter of the time of starting a command, and many never need it.
    this.#loadSecure = async () => {
      const { SecureAgents } = await import('./agents.js');
      return new SecureAgents({ ...common, rejectUnauthorized: !(options.insecure ?? false) }, authorities);
    };
  }

  async agent(url: URL): Promise<http.Agent> {
    const proxy = proxyFor(url, this.#environment);
    if (url.protocol === 'http:' && proxy?.protocol !== 'https:') {
      this.#plain ??= this.#loadPlain();
      return this.#plain;
    }
    this.#secure ??= this.#loadSecure();
    // What is handed to a proxy to forward needs no tunnel through it.
    return (await this.#secure).agent(url.protocol === 'http:' ? undefined : proxy);
  }

  proxy(url: URL): string | undefined {
    return proxyFor(url, this.#environment)?.host;
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
}

/** Node takes a file without any for one that names nobody, and the failure comes much later. */
function requireCertificate(text: string, file: string): void {
  if (/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) return;
  throw noAuthorities('the file of authorities holds no certificate', file);
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isNotFound(error)) throw noAuthorities('the file of authorities does not exist', file);
    throw fileError(error, file);
  }
}

function noAuthorities(summary: string, file: string): OciError {
  return new OciError('BUNNY_ENOFILE', summary, {
    where: file,
    hint: 'name a file with certificates in PEM form: they begin with "-----BEGIN CERTIFICATE-----"',
    exitStatus: 2,
  });
}
