import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOf, type RepositoryState, refuse } from './manifests.js';
import type { SpecRegistryOptions } from './options.js';

/** The part of `SpecRegistry` that takes blobs. */
export class SpecUploads {
  /** What has come of uploads that were begun and not ended. */
  readonly open = new Map<string, Buffer>();
  /** Uploads whose last chunk was smaller than the least: it has to stay the last. */
  readonly #ended = new Set<string>();
  /** Bytes of the first chunk. */
  readonly #first = new Map<string, number>();
  readonly #options: () => SpecRegistryOptions;
  /** A repository, made where it is missing. */
  readonly #state: (name: string) => RepositoryState;
  readonly #known: (name: string) => RepositoryState | undefined;
  readonly #host: () => string;
  #nextUpload = 1;

  constructor(
    options: () => SpecRegistryOptions,
    state: (name: string) => RepositoryState,
    known: (name: string) => RepositoryState | undefined,
    host: () => string,
  ) {
    this.#options = options;
    this.#state = state;
    this.#known = known;
    this.#host = host;
  }

  answer(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    id: string,
    url: URL,
    body: Buffer,
  ): ServerResponse {
    const state = this.#state(name);
    const digest = url.searchParams.get('digest');
    if (request.method === 'POST') return this.#beginUpload(response, name, url, body);
    const held = this.open.get(id);
    if (held === undefined) return refuse(response, 404, 'BLOB_UPLOAD_UNKNOWN');
    if (request.method === 'GET') return this.#accepted(response, 204, name, id, held.length);
    if (request.method === 'DELETE') {
      this.open.delete(id);
      return response.writeHead(204).end();
    }
    if (request.method === 'PATCH') {
      const { patchStatus, patchLimit = Number.POSITIVE_INFINITY } = this.#options();
      if (patchStatus !== undefined) return refuse(response, patchStatus, 'UNSUPPORTED');
      if (body.length > patchLimit) return response.writeHead(416).end();
      const start = Number(/^(\d+)-\d+$/.exec(request.headers['content-range'] ?? `${held.length}-0`)?.[1]);
      if (this.#ended.has(id)) return refuse(response, 416, 'BLOB_UPLOAD_INVALID');
      if (body.length < (this.#options().minimumChunk ?? 0)) this.#ended.add(id);
      if (start !== held.length) return this.#accepted(response, 416, name, id, held.length);
      this.open.set(id, Buffer.concat([held, body]));
      return this.#accepted(response, 202, name, id, held.length + body.length);
    }
    if (this.#options().noWholePut && held.length === 0 && body.length > 0)
      return refuse(response, 405, 'UNSUPPORTED');
    const bytes = Buffer.concat([held, body]);
    if (digestOf(bytes) !== digest) return refuse(response, 400, 'DIGEST_INVALID');
    state.blobs.set(digest, bytes);
    this.open.delete(id);
    return this.#created(response, name, digest);
  }

  #beginUpload(response: ServerResponse, name: string, url: URL, body: Buffer): ServerResponse {
    const { searchParams } = url;
    const mount = searchParams.get('mount');
    const { mountStatus, singlePostStatus, noNewRepositories } = this.#options();
    const isNew = (this.#known(name)?.manifests.size ?? 0) === 0;
    if (noNewRepositories && isNew) return refuse(response, 404, 'NAME_UNKNOWN');
    if (mount !== null && mountStatus !== undefined) return refuse(response, mountStatus, 'DENIED');
    if (searchParams.has('digest') && singlePostStatus !== undefined)
      return refuse(response, singlePostStatus, 'UNSUPPORTED');
    const source = this.#known(searchParams.get('from') ?? '')?.blobs.get(mount ?? '');
    if (mount !== null && source !== undefined && !this.#options().noMount) {
      this.#state(name).blobs.set(mount, source);
      return this.#created(response, name, mount);
    }
    const digest = searchParams.get('digest');
    if (digest !== null && !this.#options().noSinglePost) {
      if (digestOf(body) !== digest) return refuse(response, 400, 'DIGEST_INVALID');
      this.#state(name).blobs.set(digest, body);
      return this.#created(response, name, digest);
    }
    const id = String(this.#nextUpload++);
    this.open.set(id, Buffer.alloc(0));
    return this.#accepted(response, 202, name, id, 0);
  }

  #created(response: ServerResponse, name: string, digest: string): ServerResponse {
    response.setHeader('location', `/v2/${name}/blobs/${digest}`);
    if (!this.#options().noDigestHeader) response.setHeader('docker-content-digest', digest);
    return response.writeHead(201).end();
  }

  #accepted(
    response: ServerResponse,
    status: number,
    name: string,
    id: string,
    length: number,
  ): ServerResponse {
    const { location = (target: string) => target, stuckRange, minimumChunk } = this.#options();
    response.setHeader('location', location(`/v2/${name}/blobs/uploads/${id}?state=a%2Fb`, this.#host()));
    const first = this.#first.get(id) ?? length;
    if (length > 0) this.#first.set(id, first);
    response.setHeader('range', `0-${Math.max(0, (stuckRange ? first : length) - 1)}`);
    if (minimumChunk !== undefined) response.setHeader('oci-chunk-min-length', minimumChunk);
    return response.writeHead(status).end();
  }
}
