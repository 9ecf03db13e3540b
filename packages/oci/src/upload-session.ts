import { OciError } from './errors.js';
import type { HttpResponse } from './http-response.js';
import type { Repository } from './registry-repository.js';

/** An upload that the registry has opened: where the next request goes. */
export interface UploadSession {
  location: URL;
  /** Least size of a chunk but the last. Bytes. */
  minimumChunk: number;
}

/** Opens an upload, or mounts the blob from another repository of the registry: then there is no session. */
export async function openUpload(
  repository: Repository,
  query: string,
  more: { scopes?: string[]; signal?: AbortSignal | undefined },
): Promise<UploadSession | 'created'> {
  const response = await repository.request('push', 'POST', `blobs/uploads/${query}`, {
    // An upload that was opened twice is an upload that is never finished: it does no harm.
    repeatable: true,
    ...more,
  });
  if (response.status === 201) {
    await response.discard();
    return 'created';
  }
  if (response.status !== 202) throw await repository.refusal('push', response, 'begin an upload', '');
  await response.discard();
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
  if (location !== undefined && URL.canParse(location, response.url.href)) {
    return { location: new URL(location, response.url), minimumChunk };
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
