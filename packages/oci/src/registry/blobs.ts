import type { ContentIdentity, Descriptor } from '../content/descriptor.js';
import { verified } from '../content/digest.js';
import { OciError, throwIfAborted } from '../content/errors.js';
import type { TransferOptions } from '../content/target.js';
import { ConnectionFault } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import { pause, pauseBefore } from '../http/retry.js';
import { type Deletion, deletionBy } from './deletion.js';
import type { Repository } from './repository.js';

/** Progress that makes a broken transfer worth as many tries again as a new one. Bytes. */
export const realProgress = 256 * 1024;

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

/** Asks for the content from `offset` on; for all of it where the registry does not give a part. */
async function rest(
  repository: Repository,
  descriptor: Descriptor,
  offset: number,
  options: TransferOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { signal, connectOnce } = options;
  const get = (headers: Record<string, string>) =>
    repository.request('pull', 'GET', `blobs/${descriptor.digest}`, { headers, signal, connectOnce });
  let response = await get(offset === 0 ? {} : { range: `bytes=${offset}-` });
  if (response.status === 206 && rangeStart(response) === offset) return response.body;
  if (response.status === 206 || (response.status === 416 && offset > 0)) {
    // Storage behind a registry may know no such range, or answer with another one.
    await response.discard();
    response = await get({});
  }
  if (response.status !== 200)
    throw await repository.refusal('pull', response, 'deliver the blob', descriptor.digest);
  const length = lengthOf(response);
  if (length !== undefined && length !== descriptor.size) {
    await response.discard();
    throw wrongLength(repository, descriptor, length);
  }
  // A registry without Range sends all of it again.
  return offset === 0 ? response.body : skip(response.body, offset);
}

function rangeStart(response: HttpResponse): number | undefined {
  const start = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(response.header('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

/** `Content-Length`, where there is one. */
function lengthOf(response: HttpResponse): number | undefined {
  const length = response.header('content-length');
  return length === undefined ? undefined : Number(length);
}

function wrongLength(repository: Repository, descriptor: ContentIdentity, length: number): OciError {
  return new OciError(
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

/**
 * Whether the registry has a blob: one HEAD, or a GET of its first byte where HEAD is refused or tells another length
 * than the one given, as some registries and their storages do. Throws BUNNY_ESIZE where it has another size.
 */
export async function blobExists(
  repository: Repository,
  descriptor: { digest: string; size?: number },
  options: TransferOptions = {},
): Promise<boolean> {
  const { signal, connectOnce } = options;
  const { knowledge } = repository.client;
  if (knowledge.head !== false) {
    const more = { signal, connectOnce };
    const response = await repository.request('pull', 'HEAD', `blobs/${descriptor.digest}`, more);
    await response.discard();
    if (response.status === 404) return false;
    const { size } = descriptor;
    if (response.status === 200 && (size === undefined || (lengthOf(response) ?? size) === size)) return true;
    if (response.status !== 200 && !isHeadRefused(response.status))
      throw await repository.refusal('pull', response, 'look for the blob', descriptor.digest);
    learnHead(repository, response.status);
  }
  return await existsByGet(repository, descriptor, options);
}

/** Answers to HEAD of registries, and of what stands before them, where GET works. */
export function isHeadRefused(status: number): boolean {
  return status === 400 || status === 403 || status === 405 || status === 501;
}

/** A registry that refuses the method itself is not asked by it again. */
export function learnHead({ client }: Repository, status: number): void {
  if (status === 405 || status === 501) client.knowledge.head = false;
}

async function existsByGet(
  repository: Repository,
  { digest, size }: { digest: string; size?: number },
  { signal, connectOnce }: TransferOptions,
): Promise<boolean> {
  const headers = { range: 'bytes=0-0' };
  const more = { headers, signal, connectOnce };
  const response = await repository.request('pull', 'GET', `blobs/${digest}`, more);
  const { status } = response;
  if (status === 404) {
    await response.discard();
    return false;
  }
  const total = /\/(\d+)$/.exec(response.header('content-range') ?? '')?.[1];
  const length = status === 200 ? lengthOf(response) : total === undefined ? undefined : Number(total);
  // An empty blob has no first byte.
  if (status !== 200 && status !== 206 && !(status === 416 && (length ?? 0) === 0))
    throw await repository.refusal('pull', response, 'look for the blob', digest);
  await response.discard();
  if (size === undefined || length === undefined || length === size) return true;
  throw wrongLength(repository, { digest, size }, length);
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
