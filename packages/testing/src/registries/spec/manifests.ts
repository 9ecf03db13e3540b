import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Descriptor } from 'bunny-libos-oci';
import type { SpecRegistryOptions } from './options.js';

export interface RepositoryState {
  manifests: Map<string, { bytes: Buffer; type: string }>;
  tags: Map<string, string>;
  blobs: Map<string, Buffer>;
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export function refuse(response: ServerResponse, status: number, code: string, message = ''): ServerResponse {
  response.setHeader('content-type', 'application/json');
  return response.writeHead(status).end(JSON.stringify({ errors: [{ code, message }] }));
}

/** The half of `SpecRegistry` that serves manifests, tags and referrers. */
export class SpecManifests {
  readonly #options: () => SpecRegistryOptions;
  /** A repository, made where it is missing. */
  readonly #state: (name: string) => RepositoryState;
  readonly #known: (name: string) => RepositoryState | undefined;
  /** Digests of manifests that were refused for their parts. */
  readonly #refused = new Set<string>();

  constructor(
    options: () => SpecRegistryOptions,
    state: (name: string) => RepositoryState,
    known: (name: string) => RepositoryState | undefined,
  ) {
    this.#options = options;
    this.#state = state;
    this.#known = known;
  }

  manifest(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    reference: string,
    body: Buffer,
  ): ServerResponse {
    const state = this.#state(name);
    const digest = reference.startsWith('sha256:') ? reference : state.tags.get(reference);
    if (request.method === 'PUT') return this.#putManifest(request, response, state, reference, body);
    const found = digest === undefined ? undefined : state.manifests.get(digest);
    if (digest === undefined || found === undefined) return refuse(response, 404, 'MANIFEST_UNKNOWN');
    if (request.method === 'DELETE') {
      const { noDeletion } = this.#options();
      if (noDeletion !== undefined) return refuse(response, noDeletion, 'UNSUPPORTED');
      if (reference !== digest && this.#options().noTagDeletion) return refuse(response, 405, 'UNSUPPORTED');
      if (reference === digest) {
        state.manifests.delete(digest);
        for (const [tag, target] of state.tags) if (target === digest) state.tags.delete(tag);
      } else state.tags.delete(reference);
      return response.writeHead(202).end();
    }
    const accept = request.headers.accept ?? '';
    if (!accept.includes(found.type)) return refuse(response, 404, 'MANIFEST_UNKNOWN');
    if (!this.#options().noDigestHeader) response.setHeader('docker-content-digest', digest);
    response.setHeader('content-type', found.type);
    const { headLength } = this.#options();
    const isHead = request.method === 'HEAD';
    const { length } = found.bytes;
    response.setHeader('content-length', isHead && headLength !== undefined ? headLength(length) : length);
    return response.end(isHead ? undefined : found.bytes);
  }

  #putManifest(
    request: IncomingMessage,
    response: ServerResponse,
    state: RepositoryState,
    reference: string,
    body: Buffer,
  ): ServerResponse {
    const digest = digestOf(body);
    if (reference.startsWith('sha256:') && reference !== digest)
      return refuse(response, 400, 'DIGEST_INVALID');
    if (this.#options().unknownAtFirst && !this.#refused.has(digest)) {
      this.#refused.add(digest);
      return refuse(response, 400, 'MANIFEST_BLOB_UNKNOWN');
    }
    const document = JSON.parse(body.toString()) as {
      config?: Descriptor;
      layers?: Descriptor[];
      subject?: Descriptor;
    };
    for (const part of [...(document.config ? [document.config] : []), ...(document.layers ?? [])]) {
      if (!state.blobs.has(part.digest)) return refuse(response, 404, 'MANIFEST_BLOB_UNKNOWN');
    }
    state.manifests.set(digest, { bytes: body, type: request.headers['content-type'] ?? '' });
    if (reference !== digest) state.tags.set(reference, digest);
    if (document.subject && !this.#options().noReferrers && this.#options().referrersStatus === undefined)
      response.setHeader('oci-subject', document.subject.digest);
    if (!this.#options().noDigestHeader) response.setHeader('docker-content-digest', digest);
    response.setHeader('location', `/v2/x/manifests/${digest}`);
    return response.writeHead(201).end();
  }

  tags(response: ServerResponse, name: string, url: URL): ServerResponse {
    const state = this.#known(name);
    if (state === undefined) return refuse(response, 404, 'NAME_UNKNOWN');
    const { tagsStatus } = this.#options();
    if (tagsStatus !== undefined) return refuse(response, tagsStatus, 'UNSUPPORTED');
    return this.#names(response, [...state.tags.keys()], url, (tags) => ({ name, tags }));
  }

  catalog(response: ServerResponse, names: string[], url: URL): ServerResponse {
    if (!this.#options().catalog) return refuse(response, 404, 'UNSUPPORTED');
    return this.#names(response, names, url, (repositories) => ({ repositories }));
  }

  #names(
    response: ServerResponse,
    names: string[],
    url: URL,
    body: (page: string[]) => object,
  ): ServerResponse {
    const { countLimit = Number.POSITIVE_INFINITY, unsorted } = this.#options();
    if (Number(url.searchParams.get('n') ?? 0) > countLimit)
      return refuse(response, 400, 'PAGINATION_NUMBER_INVALID');
    const { page, link } = this.#page(unsorted ? names : names.sort(), url, (name) => name);
    if (link !== undefined) response.setHeader('link', link);
    response.setHeader('content-type', 'application/json');
    return response.end(JSON.stringify(body(page)));
  }

  referrers(response: ServerResponse, name: string, digest: string, url: URL): ServerResponse {
    const { noReferrers, referrersStatus, referrersType } = this.#options();
    if (noReferrers) return refuse(response, 404, 'NOT_FOUND');
    if (referrersStatus !== undefined) return response.writeHead(referrersStatus).end('<html>no</html>');
    if (this.#options().noUnknownReferrers && this.#known(name) === undefined)
      return refuse(response, 404, 'NAME_UNKNOWN');
    const type = this.#options().noReferrersFilter ? null : url.searchParams.get('artifactType');
    const found = [...this.#state(name).manifests]
      .map(([each, { bytes, type: mediaType }]) => {
        const document = JSON.parse(bytes.toString()) as {
          subject?: Descriptor;
          artifactType?: string;
          config?: Descriptor;
          annotations?: object;
        };
        const artifactType = document.artifactType ?? document.config?.mediaType;
        return {
          subject: document.subject?.digest,
          entry: {
            mediaType,
            digest: each,
            size: bytes.length,
            artifactType,
            annotations: document.annotations,
          },
        };
      })
      .filter(({ subject, entry }) => subject === digest && (type === null || entry.artifactType === type))
      .map(({ entry }) => entry);
    const { page, link } = this.#page(found, url, (entry) => entry.digest);
    if (link !== undefined) response.setHeader('link', link);
    if (type !== null) response.setHeader('oci-filters-applied', 'artifactType');
    response.setHeader('content-type', referrersType ?? 'application/vnd.oci.image.index.v1+json');
    return response.end(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: page,
      }),
    );
  }

  #page<T>(all: T[], url: URL, nameOf: (entry: T) => string): { page: T[]; link: string | undefined } {
    const {
      pageSize,
      noLink,
      ignoresLast,
      ignoresCount,
      endsInFirst,
      link = (target) => `<${target}>; rel="next"`,
    } = this.#options();
    const size = Math.min(
      pageSize ?? Number.POSITIVE_INFINITY,
      Number((!ignoresCount && url.searchParams.get('n')) || Number.POSITIVE_INFINITY),
    );
    const last = url.searchParams.get('last');
    const found = last === null || ignoresLast ? 0 : all.findIndex((each) => nameOf(each) === last) + 1;
    const start = endsInFirst && found === all.length ? 0 : found;
    const page = all.slice(start, start + size);
    const next = page.at(-1);
    if (noLink || start + size >= all.length || next === undefined) return { page, link: undefined };
    const target = new URL(url);
    target.searchParams.set('last', nameOf(next));
    return { page, link: link(`${target.pathname}${target.search}`) };
  }
}
