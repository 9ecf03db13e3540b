import type { Descriptor } from '../content/descriptor.js';
import { isSameAlgorithm } from '../content/digest.js';
import { OciError, throwIfAborted } from '../content/errors.js';
import type { Content, TransferOptions } from '../content/target.js';
import type { RequestBody } from '../http/exchange.js';
import { ConnectionFault } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import { isPassing, isTooLong, pause, pauseBefore, retryAfter } from '../http/retry.js';
import { blobExists, realProgress } from './blobs.js';
import { ContentCursor } from './content-cursor.js';
import type { Repository } from './repository.js';
import { nextSession, openUpload, receivedOf, type UploadSession } from './upload-session.js';
import { chooseWay, isOfTheWay, maximumWays } from './upload-ways.js';

/** Blobs up to this size may go with the POST that opens an upload, where the registry takes that. Bytes. */
const singlePostSize = 256 * 1024;
/** A transfer that got this part of the way further is worth as many tries again as a new one. */
const progressShare = 16;

/** The upload has to begin anew: its session is gone or in an unknown state. */
class LostSession extends Error {
  readonly retryAfter: number | undefined;

  constructor(cause: unknown, asked?: number) {
    super('the upload session is lost', { cause });
    this.retryAfter = asked;
  }
}

/** The registry does not take the blob in this way, which is learned; it may in another one. */
class RefusedWay extends Error {
  constructor(cause: OciError) {
    super('the registry does not accept blobs sent this way', { cause });
  }
}

/**
 * Pushes one blob (distribution-spec 1.1, "Pushing blobs"): in one request where it is small, else in
 * chunks, each of which is resumed from where the registry says it got to. A session that is lost is
 * opened anew, as often as the retry policy allows, counted from the last progress. Where the registry refuses chunks, or
 * so large ones, it goes as a whole or in smaller ones (`chooseWay`). `session` is an upload that is open already.
 */
export async function uploadBlob(
  repository: Repository,
  descriptor: Descriptor,
  content: Content,
  options: TransferOptions,
  session?: UploadSession,
): Promise<void> {
  const { retry } = repository.client;
  const told = { most: 0 };
  const enough = Math.max(realProgress, descriptor.size / progressShare);
  let renewedAt = 0;
  let open = session;
  for (let attempt = 1, ways = 1; ; ) {
    throwIfAborted(options.signal);
    let asked: number | undefined;
    const cursor = new ContentCursor(content, descriptor);
    try {
      await new Upload(repository, descriptor, cursor, options, told).run(open);
      return;
    } catch (error) {
      open = undefined;
      if (error instanceof RefusedWay && ++ways <= maximumWays) continue;
      if (!(error instanceof LostSession)) throw error instanceof RefusedWay ? error.cause : error;
      if (told.most >= renewedAt + enough) {
        attempt = 0;
        renewedAt = told.most;
      }
      if (++attempt > retry.attempts || isTooLong(error.retryAfter, retry)) throw error.cause;
      asked = error.retryAfter;
    } finally {
      await cursor.close();
    }
    await pause(pauseBefore(Math.max(2, attempt), retry, asked), options.signal);
    // The connection may have broken after the registry had all of it.
    if (await blobExists(repository, descriptor, options)) return;
  }
}

class Upload {
  readonly #repository: Repository;
  readonly #descriptor: Descriptor;
  readonly #content: ContentCursor;
  readonly #options: TransferOptions;
  /** The most bytes that the caller was told of: repetitions are not counted twice. */
  readonly #told: { most: number };
  #sent = 0;

  constructor(
    repository: Repository,
    descriptor: Descriptor,
    content: ContentCursor,
    options: TransferOptions,
    told: { most: number },
  ) {
    this.#repository = repository;
    this.#descriptor = descriptor;
    this.#content = content;
    this.#options = options;
    this.#told = told;
  }

  async run(open: UploadSession | undefined): Promise<void> {
    const { size, digest } = this.#descriptor;
    const { knowledge, chunkSize } = this.#repository.client;
    let session = open;
    if (open === undefined && size <= singlePostSize && knowledge.singlePost !== false) {
      const begun = await this.#singlePost();
      if (begun === 'stored') return;
      // The registry opened an upload and left the content aside.
      session = begun;
    }
    session ??= await openUpload(this.#repository, this.#options);
    const way = chooseWay(size, Math.max(chunkSize, session.minimumChunk), knowledge.uploads);
    if (way === undefined) throw this.#noWay();
    if (way === 'whole') await this.#finish(session, this.#body(0, size), digest);
    else await this.#chunked(session, Math.max(way.chunk, session.minimumChunk));
  }

  /** One POST with everything; the session where the registry wants more, undefined where it wants to be asked otherwise. */
  async #singlePost(): Promise<UploadSession | 'stored' | undefined> {
    const { knowledge } = this.#repository.client;
    const query = `blobs/uploads/?digest=${encodeURIComponent(this.#descriptor.digest)}`;
    const response = await this.#send('POST', query, this.#body(0, this.#descriptor.size));
    if (response.status === 201) {
      knowledge.singlePost = true;
      await this.#accepted(response);
      return 'stored';
    }
    if (response.status !== 202 && !isOfTheWay(response.status)) throw await this.#refused(response);
    knowledge.singlePost = false;
    await response.discard();
    return response.status === 202 ? nextSession(this.#repository, response, undefined) : undefined;
  }

  /** PUT with the last or only bytes; it ends the session. */
  async #finish(session: UploadSession, body: RequestBody | undefined, digest: string): Promise<void> {
    const url = new URL(session.location);
    // Appended as text: a location's own query, which may be signed, stays as it is.
    url.search = `${url.search}${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
    const response = await this.#send('PUT', url, body);
    if (body !== undefined) {
      const { uploads } = this.#repository.client.knowledge;
      const { status } = response;
      const isForMethod = status === 405 || status === 415 || status === 501;
      if (status === 413) uploads.body = Math.min(uploads.body, this.#descriptor.size);
      if (isForMethod) uploads.whole = false;
      if (status === 413 || isForMethod) throw new RefusedWay(await this.#refused(response));
    }
    if (response.status !== 201 && response.status !== 204 && response.status !== 200)
      throw await this.#refused(response);
    await this.#accepted(response);
  }

  async #chunked(first: UploadSession, chunk: number): Promise<void> {
    const { size, digest } = this.#descriptor;
    const { retry } = this.#repository.client;
    let session = first;
    let offset = 0;
    for (let attempt = 1; offset < size; ) {
      const end = Math.min(size, offset + chunk);
      try {
        const response = await this.#patch(session, offset, end);
        session = nextSession(this.#repository, response, session);
        const received = receivedOf(response, end) ?? end;
        if (received > size) throw new LostSession(this.#contradiction('it has more bytes than were sent'));
        // Some registries have all chunks and still tell of the first one only: who is right shows too late.
        if (received <= offset)
          throw this.#unfit(this.#contradiction('it took no more than the chunks before'));
        attempt = 1;
        offset = received;
      } catch (error) {
        if (!(error instanceof LostSession) || ++attempt > retry.attempts) throw error;
        if (isTooLong(error.retryAfter, retry)) throw error.cause;
        await pause(pauseBefore(attempt, retry, error.retryAfter), this.#options.signal);
        const state = await this.#state(session);
        session = state.session;
        offset = state.received;
        if (offset > size) throw new LostSession(this.#contradiction('it has more bytes than were sent'));
      }
    }
    await this.#finish(session, undefined, digest);
  }

  async #patch(session: UploadSession, offset: number, end: number): Promise<HttpResponse> {
    const response = await this.#send('PATCH', session.location, this.#body(offset, end), {
      'content-range': `${offset}-${end - 1}`,
    });
    const { status } = response;
    if (status === 202 || status === 201 || status === 204) {
      await response.discard();
      return response;
    }
    const refusal = await this.#refused(response);
    // Out of step after a fault, unless it has just what it should have.
    if (status === 416 && offset > 0 && (await this.#state(session)).received !== offset)
      throw new LostSession(refusal);
    throw isOfTheWay(status) ? this.#unfit(refusal, status, end - offset) : refusal;
  }

  /** Learns that chunks, or such long ones, are not taken. */
  #unfit(refusal: OciError, status = 0, length = 0): RefusedWay {
    const { uploads } = this.#repository.client.knowledge;
    const isForLength = status === 413 || status === 416;
    uploads.chunk = isForLength ? Math.min(uploads.chunk, length) : 0;
    return new RefusedWay(refusal);
  }

  /** Asks how far the registry got. */
  async #state(session: UploadSession): Promise<{ session: UploadSession; received: number }> {
    const { signal } = this.#options;
    const response = await this.#repository.request('push', 'GET', session.location, { signal });
    await response.discard();
    if (response.status !== 204 && response.status !== 200) {
      const refusal = await this.#repository.refusal(
        'push',
        response,
        'go on with the upload',
        this.#descriptor.digest,
      );
      throw new LostSession(refusal);
    }
    return {
      session: nextSession(this.#repository, response, session),
      received: receivedOf(response, 0) ?? 0,
    };
  }

  /** Sends a part that may be repeated only after asking the registry: faults become a lost session. */
  async #send(
    method: 'POST' | 'PUT' | 'PATCH',
    url: URL | string,
    body: RequestBody | undefined,
    more: Record<string, string> = {},
  ): Promise<HttpResponse> {
    const headers = body === undefined ? more : { 'content-type': 'application/octet-stream', ...more };
    let response: HttpResponse;
    try {
      response = await this.#repository.request('push', method, url, {
        headers,
        repeatable: false,
        signal: this.#options.signal,
        onSent: (bytes) => this.#report(bytes),
        body,
      });
    } catch (error) {
      if (error instanceof ConnectionFault) throw new LostSession(error);
      throw error;
    }
    // 404 to what is not the first request: the session is unknown, by a restart of the registry or its sweeping.
    const isLost = response.status === 404 && method !== 'POST';
    if (!isPassing(response.status) && !isLost) return response;
    const asked = retryAfter(response.header('retry-after'), Date.now());
    throw new LostSession(await this.#refused(response), asked);
  }

  #report(bytes: number): void {
    this.#sent += bytes;
    if (this.#sent <= this.#told.most) return;
    this.#options.onBytes?.(this.#sent - this.#told.most);
    this.#told.most = this.#sent;
  }

  #body(start: number, end: number): RequestBody {
    this.#sent = start;
    const part = this.#content.part(start, end);
    return part instanceof Uint8Array ? part : { length: end - start, stream: part };
  }

  async #accepted(response: HttpResponse): Promise<void> {
    await response.discard();
    const stored = response.header('docker-content-digest');
    const { digest } = this.#descriptor;
    if (stored === undefined || stored === digest || !isSameAlgorithm(stored, digest)) return;
    throw new OciError('BUNNY_EDIGEST', `the registry stored the blob as ${stored.slice(0, 80)}`, {
      where: `${this.#repository.name}@${digest}`,
      hint: 'the content was damaged on its way, or the registry is faulty: push again',
    });
  }

  #noWay(): OciError {
    const { name } = this.#repository;
    const { size, digest } = this.#descriptor;
    return new OciError(
      'BUNNY_ELIMIT',
      `the registry does not accept a blob of ${size} bytes, whole or in chunks`,
      {
        where: `${name}@${digest}`,
        hint: 'the registry, or a proxy before it, limits the size of uploads; its operator may raise it',
      },
    );
  }

  #refused(response: HttpResponse): Promise<OciError> {
    return this.#repository.refusal('push', response, 'take the blob', this.#descriptor.digest);
  }

  #contradiction(what: string): OciError {
    return new OciError('BUNNY_EREGISTRY', `the registry says that ${what}`, {
      where: `${this.#repository.name}@${this.#descriptor.digest}`,
      hint: 'the registry breaks distribution-spec; ask its operator',
    });
  }
}
