import { OciError } from '../content/errors.js';
import type { HttpResponse } from '../http/response.js';
import type { Repository } from './repository.js';

/** An upload that the registry has opened: where the next request goes. */
export interface UploadSession {
  location: URL;
  /** Least size of a chunk but the last. Bytes. */
  minimumChunk: number;
}

/** Opens an upload. */
export async function openUpload(
  repository: Repository,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<UploadSession> {
  // An upload that was opened twice is an upload that is never finished: it does no harm.
  const more = { repeatable: true, signal };
  const response = await repository.request('push', 'POST', 'blobs/uploads/', more);
  if (response.status !== 202) throw await repository.refusal('push', response, 'begin an upload', '');
  await response.discard();
  return nextSession(repository, response, undefined);
}

/**
 * Mounts a blob from another repository of the registry: 'created', else the upload that was opened in place of it, or
 * undefined where it is refused for this blob. Throws where nothing can be mounted from there.
 */
export async function mountBlob(
  repository: Repository,
  digest: string,
  source: Repository,
  { signal }: { signal?: AbortSignal | undefined },
): Promise<UploadSession | 'created' | undefined> {
  const query = `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(source.path)}`;
  const response = await repository.request('push', 'POST', `blobs/uploads/${query}`, {
    scopes: [...repository.scopes('push'), ...source.scopes('pull')],
    // It is not worth waiting for.
    repeatable: false,
    signal,
  });
  if (response.status === 201 || response.status === 202 || response.status === 404) await response.discard();
  if (response.status === 201) return 'created';
  if (response.status === 404) return undefined;
  if (response.status !== 202) throw await repository.refusal('push', response, 'mount a blob', digest);
  return nextSession(repository, response, undefined);
}

/** Where the upload goes on after an answer. Throws BUNNY_EREGISTRY where neither it nor the `last` one says. */
export function nextSession(
  repository: Repository,
  response: HttpResponse,
  last: UploadSession | undefined,
): UploadSession {
  const location = response.header('location');
  const minimum = Number(response.header('oci-chunk-min-length') ?? last?.minimumChunk ?? 0);
  const minimumChunk = Number.isSafeInteger(minimum) && minimum > 0 ? minimum : 0;
  if (location && URL.canParse(location, response.url.href)) {
    const url = new URL(location, response.url);
    // A registry behind a proxy that speaks TLS for it may not know that it is asked by TLS.
    if (url.host === response.url.host) url.protocol = response.url.protocol;
    return { location: url, minimumChunk };
  }
  if (last !== undefined) return { ...last, minimumChunk };
  throw new OciError('BUNNY_EREGISTRY', 'the registry opened an upload without saying where', {
    where: repository.name,
    hint: 'the registry breaks distribution-spec; ask its operator',
  });
}

/**
 * Bytes that the registry has, by its `Range: 0-<last>`. `0-0` says one byte or, from an upload that is
 * still empty, none: it is one where just that was `sent`.
 */
export function receivedOf(response: HttpResponse, sent: number): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(response.header('range') ?? '')?.[1];
  if (last === undefined) return undefined;
  return last === '0' && sent !== 1 ? 0 : Number(last) + 1;
}
