import type { ContentIdentity, Descriptor } from './descriptor.js';
import { verified } from './digest.js';
import { OciError, throwIfAborted } from './errors.js';
import { ConnectionFault } from './http-fault.js';
import type { HttpResponse } from './http-response.js';
import { type Deletion, deletionBy } from './registry-deletion.js';
import type { Repository } from './registry-repository.js';
import { pause, pauseBefore } from './retry.js';
import type { TransferOptions } from './target.js';

/** Progress that makes a broken transfer worth as many tries again as a new one. Bytes. */
const realProgress = 256 * 1024;

/**
 * Streams a blob, verified (distribution-spec 1.1, "Pulling blobs"). Where the connection breaks, the
 * rest is asked for by Range and the hash goes on. Throws BUNNY_ENOTFOUND, BUNNY_EDIGEST, BUNNY_ESIZE,
 * BUNNY_ENETWORK, BUNNY_ETIMEOUT.
 */
export function fetchBlob(
  repository: Repository,
  descriptor: Descriptor,
  options: TransferOptions = {},
): AsyncIterable<Uint8Array> {
  const where = `${repository.name}@${descriptor.digest}`;
  return verified(streamBlob(repository, descriptor, options), descriptor, where);
}

/** As `fetchBlob`, unverified. */
export async function* streamBlob(
  repository: Repository,
  descriptor: Descriptor,
  options: TransferOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const { retry } = repository.client;
  let offset = 0;
  let attempt = 1;
  for (;;) {
    const start = offset;
    // The request has its own tries; those here are for bodies that break.
    const body = await rest(repository, descriptor, offset, options);
    try {
      for await (const chunk of body) {
        throwIfAborted(options.signal);
        offset += chunk.length;
        options.onBytes?.(chunk.length);
        yield chunk;
        // What comes after the last byte is the verifier's to judge; more than that is never asked for.
        if (offset > descriptor.size) return;
      }
      if (offset >= descriptor.size) return;
      // The body ended early, and the connection says that this was all: a proxy may have cut it.
      throw truncated(repository, descriptor, offset);
    } catch (error) {
      attempt = offset - start >= realProgress ? 2 : attempt + 1;
      if (!(error instanceof ConnectionFault) || attempt > retry.attempts) throw error;
      await pause(pauseBefore(attempt, retry, undefined), options.signal);
    }
  }
}

function truncated(repository: Repository, descriptor: Descriptor, offset: number): ConnectionFault {
  const url = new URL(`${repository.path}/blobs/${descriptor.digest}`, repository.client.base);
  const summary = `the transfer ended after ${offset} of ${descriptor.size} bytes`;
  return new ConnectionFault('BUNNY_ENETWORK', summary, url, undefined, true);
}

/** Asks for the content from `offset` on. */
async function rest(
  repository: Repository,
  descriptor: Descriptor,
  offset: number,
  options: TransferOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
  const { signal, connectOnce } = options;
  const more = { headers, signal, connectOnce };
  const response = await repository.request('pull', 'GET', `blobs/${descriptor.digest}`, more);
  if (response.status === 206 && rangeStart(response) === offset) return response.body;
  if (response.status !== 200)
    throw await repository.refusal('pull', response, 'deliver the blob', descriptor.digest);
  checkLength(response, descriptor, repository);
  // A registry without Range sends all of it again.
  return offset === 0 ? response.body : skip(response.body, offset);
}

function rangeStart(response: HttpResponse): number | undefined {
  const start = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(response.header('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

function checkLength(response: HttpResponse, descriptor: ContentIdentity, repository: Repository): void {
  const length = response.header('content-length');
  if (length === undefined || Number(length) === descriptor.size) return;
  void response.discard();
  throw new OciError(
    'BUNNY_ESIZE',
    `the registry offers ${length} bytes where ${descriptor.size} were announced`,
    {
      where: `${repository.name}@${descriptor.digest}`,
      hint: 'the blob on the registry is corrupt: take another source, or push it again',
    },
  );
}

async function* skip(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array, void> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** Whether the registry has a blob: one HEAD. Throws BUNNY_ESIZE where it has another size than the one given. */
export async function blobExists(
  repository: Repository,
  descriptor: { digest: string; size?: number },
  options: TransferOptions = {},
): Promise<boolean> {
  const { signal, connectOnce } = options;
  const more = { signal, connectOnce };
  const response = await repository.request('pull', 'HEAD', `blobs/${descriptor.digest}`, more);
  await response.discard();
  if (response.status === 404) return false;
  if (response.status !== 200)
    throw await repository.refusal('pull', response, 'look for the blob', descriptor.digest);
  const { size } = descriptor;
  if (size !== undefined) checkLength(response, { ...descriptor, size }, repository);
  return true;
}

/** Removes a blob (distribution-spec 1.1, "Deleting Blobs"). */
export async function deleteBlob(
  repository: Repository,
  digest: string,
  options: TransferOptions = {},
): Promise<Deletion> {
  const { signal } = options;
  const response = await repository.request('delete', 'DELETE', `blobs/${digest}`, { signal });
  return await deletionBy(response, () => repository.refusal('delete', response, 'delete the blob', digest));
}
