import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type RepositoryState, refuse, SpecManifests } from './manifests.js';
import type { SpecRegistryOptions } from './options.js';
import { SpecUploads } from './uploads.js';

/** One request as it came, for assertions. */
export interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  range: string | undefined;
  /** Which of the two servers: the registry, or the storage that blobs are redirected to. */
  at: 'registry' | 'storage';
}

const route = /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\/(uploads\/[^/]*|[^/]+)$/;

/** A registry in memory, faithful to distribution-spec 1.1 where its options do not say otherwise. */
export class SpecRegistry {
  readonly seen: Seen[] = [];
  options: SpecRegistryOptions;
  host = '';
  readonly #repositories = new Map<string, RepositoryState>();
  readonly #manifests = new SpecManifests(
    () => this.options,
    (name) => this.repository(name),
    (name) => this.#repositories.get(name),
  );
  readonly #uploads = new SpecUploads(
    () => this.options,
    (name) => this.repository(name),
    (name) => this.#repositories.get(name),
    () => this.host,
  );
  readonly #server: http.Server;
  /** On another port, as object storage would be on another host. */
  readonly #storage: http.Server;
  #storageOrigin = '';

  constructor(options: SpecRegistryOptions = {}) {
    this.options = options;
    this.#server = http.createServer((request, response) => void this.#serve(request, response));
    this.#storage = http.createServer((request, response) => this.#serveStorage(request, response));
  }

  async start(): Promise<this> {
    const [port, storagePort] = await Promise.all([
      listen(this.#server, '127.0.0.1'),
      listen(this.#storage, '127.0.0.2'),
    ]);
    this.host = `127.0.0.1:${port}`;
    this.#storageOrigin = `http://127.0.0.2:${storagePort}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** What a repository holds, to look at and to tamper with. */
  repository(name: string): RepositoryState {
    const found = this.#repositories.get(name) ?? { manifests: new Map(), tags: new Map(), blobs: new Map() };
    this.#repositories.set(name, found);
    return found;
  }

  /** Uploads that were begun and not ended. */
  get openUploads(): number {
    return this.#uploads.open.size;
  }

  /** Forgets all uploads, as a registry that is restarted or swept does. */
  dropUploads(): void {
    this.#uploads.open.clear();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${this.host}`);
    this.#note(request, url, 'registry');
    const body = await read(request);
    if (this.options.warning !== undefined) response.setHeader('warning', `299 - "${this.options.warning}"`);
    if (!this.#authorized(request, url, response)) return;
    const { headStatus, retryAfter, bodyLimit = Number.POSITIVE_INFINITY } = this.options;
    if (retryAfter !== undefined) {
      response.setHeader('retry-after', retryAfter);
      refuse(response, 429, 'TOOMANYREQUESTS');
      return;
    }
    if (request.method === 'HEAD' && headStatus !== undefined) {
      response.writeHead(headStatus).end();
      return;
    }
    if (body.length > bodyLimit) {
      response.writeHead(413).end('<html>413 Request Entity Too Large</html>');
      return;
    }
    if (url.pathname === '/v2/_catalog') {
      this.#manifests.catalog(response, [...this.#repositories.keys()], url);
      return;
    }
    const match = route.exec(url.pathname);
    if (match === null) {
      response.writeHead(url.pathname === '/v2/' ? 200 : 404).end('{}');
      return;
    }
    const [, name = '', kind = '', rest = ''] = match;
    if (kind === 'manifests')
      this.#manifests.manifest(request, response, name, decodeURIComponent(rest), body);
    else if (kind === 'tags') this.#manifests.tags(response, name, url);
    else if (kind === 'referrers') this.#manifests.referrers(response, name, rest, url);
    else if (rest.startsWith('uploads/'))
      this.#uploads.answer(request, response, name, rest.slice('uploads/'.length), url, body);
    else this.#blob(request, response, name, rest);
  }

  #note(request: IncomingMessage, url: URL, at: Seen['at']): void {
    const { authorization, range } = request.headers;
    this.seen.push({
      method: request.method ?? '',
      path: `${url.pathname}${url.search}`,
      authorization,
      range,
      at,
    });
  }

  #authorized(request: IncomingMessage, url: URL, response: ServerResponse): boolean {
    const { login, tokens } = this.options;
    const { authorization } = request.headers;
    const name = route.exec(url.pathname)?.[1];
    if (tokens !== undefined) {
      const action =
        request.method === 'GET' || request.method === 'HEAD'
          ? 'pull'
          : request.method === 'DELETE'
            ? 'delete'
            : 'push';
      const scopes = tokens.verify(authorization?.replace(/^Bearer /, '') ?? '');
      const held = scopes?.find((scope) => scope.startsWith(`repository:${name}:`));
      if (scopes !== undefined && (name === undefined || held?.split(':')[2]?.split(',').includes(action)))
        return true;
      const scope =
        name === undefined ? '' : `,scope="repository:${name}:${action === 'push' ? 'pull,push' : action}"`;
      response.setHeader('www-authenticate', `Bearer realm="${tokens.realm}",service="tests"${scope}`);
    } else if (login !== undefined) {
      const wanted = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
      if (authorization === wanted) return true;
      response.setHeader('www-authenticate', 'Basic realm="tests"');
    } else {
      return true;
    }
    // Careless on purpose, as in the token server.
    refuse(response, 401, 'UNAUTHORIZED', `what you sent was ${authorization}`);
    return false;
  }

  #blob(request: IncomingMessage, response: ServerResponse, name: string, digest: string): ServerResponse {
    const state = this.repository(name);
    const bytes = state.blobs.get(digest);
    if (bytes === undefined) return refuse(response, 404, 'BLOB_UNKNOWN');
    if (request.method === 'DELETE') {
      const { noDeletion } = this.options;
      if (noDeletion !== undefined) return refuse(response, noDeletion, 'UNSUPPORTED');
      state.blobs.delete(digest);
      return response.writeHead(202).end();
    }
    if (this.options.redirectBlobs && request.method === 'GET') {
      response.setHeader('location', `${this.#storageOrigin}/${name}/${digest}?signature=secret`);
      return response.writeHead(307).end();
    }
    return this.#content(request, response, bytes, digest);
  }

  #serveStorage(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const url = new URL(request.url ?? '/', this.#storageOrigin);
    this.#note(request, url, 'storage');
    const [, name = '', digest = ''] = /^\/(.+)\/(sha256:[0-9a-f]+)$/.exec(url.pathname) ?? [];
    const bytes = this.repository(name).blobs.get(digest);
    if (bytes === undefined || url.searchParams.get('signature') !== 'secret')
      return refuse(response, 403, 'DENIED');
    return this.#content(request, response, bytes, digest);
  }

  #content(
    request: IncomingMessage,
    response: ServerResponse,
    bytes: Buffer,
    digest: string,
  ): ServerResponse {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    if (!this.options.noDigestHeader) response.setHeader('docker-content-digest', digest);
    response.setHeader('content-type', 'application/octet-stream');
    const { rangeAnswer, headLength } = this.options;
    if (rangeAnswer === 416 && start > 0) return refuse(response, 416, 'RANGE_INVALID');
    if (rangeAnswer === 'another part' && start > 0) {
      response.setHeader('content-range', `bytes 0-9/${bytes.length}`);
      return response.writeHead(206).end(bytes.subarray(0, 10));
    }
    if (request.method === 'HEAD' && headLength !== undefined) {
      response.setHeader('content-length', headLength(bytes.length));
      return response.end();
    }
    const part = this.options.noRange || Number.isNaN(start) ? bytes : bytes.subarray(start);
    if (part !== bytes || start === 0) {
      response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`);
      response.statusCode = 206;
    }
    response.setHeader('content-length', part.length);
    return response.end(request.method === 'HEAD' ? undefined : part);
  }
}

async function listen(server: http.Server, address: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    // The client went away in the middle: what came is what there is.
  }
  return Buffer.concat(chunks);
}
