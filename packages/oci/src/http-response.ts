import type { IncomingMessage } from 'node:http';
import { OciError } from './errors.js';
import { connectionFault, printableUrl } from './http-fault.js';
import type { PhaseClock } from './phase-clock.js';

export interface HttpResponse {
  status: number;
  url: URL;
  /** One header, in lower case; several of one name are joined with `, `. */
  header(name: string): string | undefined;
  /** All values of a header that may stand several times. */
  headers(name: string): string[];
  /** The body; iterate once. Throws BUNNY_ENETWORK or BUNNY_ETIMEOUT where it breaks off or stalls. */
  body: AsyncIterable<Uint8Array>;
  /** The whole body, up to `limit` bytes. Throws BUNNY_ELIMIT. */
  bytes(limit: number): Promise<Buffer>;
  /** Gives the connection up, or back where the rest of the body is short. */
  discard(): Promise<void>;
}

/** Rests of bodies up to this size are read so that the connection can be used again. Bytes. */
const worthReading = 64 * 1024;

/** An answer of Node's HTTP client. */
export class NodeResponse implements HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly #message: IncomingMessage;
  readonly #clock: PhaseClock;
  readonly #idle: number;
  readonly #isHead: boolean;

  constructor(message: IncomingMessage, url: URL, clock: PhaseClock, idle: number, isHead: boolean) {
    this.status = message.statusCode ?? 0;
    this.url = url;
    this.#message = message;
    this.#clock = clock;
    this.#idle = idle;
    this.#isHead = isHead;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headers(name: string): string[] {
    return this.#message.headersDistinct[name] ?? [];
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of this.#message as AsyncIterable<Uint8Array>) {
        // While the consumer works nothing is expected from the peer.
        this.#clock.stop();
        yield chunk;
        this.#clock.start('idle', this.#idle);
      }
    } catch (error) {
      throw connectionFault(error, this.url, true);
    } finally {
      this.#clock.stop();
    }
  }

  async bytes(limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#read()) {
      length += chunk.length;
      if (length > limit) {
        throw new OciError('BUNNY_ELIMIT', `the answer is longer than ${limit} bytes`, {
          where: printableUrl(this.url),
        });
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async discard(): Promise<void> {
    if (this.#isHead) {
      // Its Content-Length is that of a body which does not come.
      this.#message.resume();
      return;
    }
    const length = this.#message.headers['content-length'];
    if (length === undefined || Number(length) > worthReading) {
      this.#message.destroy();
      return;
    }
    await this.bytes(worthReading).catch(() => undefined);
  }
}
