import type { IncomingMessage } from 'node:http';
import { OciError } from '../content/errors.js';
import { ResponseBody } from './body.js';
import { connectionFault, printableUrl } from './fault.js';
import type { PhaseClock } from './phase-clock.js';

export interface HttpResponse {
  status: number;
  url: URL;
  /** The address that it came from; undefined where a proxy stands between. */
  peer: string | undefined;
  /** One header, in lower case; several of one name are joined with `, `. */
  header(name: string): string | undefined;
  /** All values of a header that may stand several times. */
  headers(name: string): string[];
  /** The body; iterate once. Throws BUNNY_ENETWORK or BUNNY_ETIMEOUT where it breaks off or stalls. */
  body: AsyncIterable<Uint8Array>;
  /** The whole body, up to `limit` bytes; the same each time. Throws BUNNY_ELIMIT. */
  bytes(limit: number): Promise<Buffer>;
  /** Gives the connection up, or back where the rest of the body is short. */
  discard(): Promise<void>;
}

/** Rests of bodies up to this size are read so that the connection can be used again. Bytes. */
const worthReading = 64 * 1024;

/** What is known of an answer besides the message. */
export interface Origin {
  url: URL;
  peer: string | undefined;
  /** Whether it answers a HEAD. */
  isHead: boolean;
}

/** An answer of Node's HTTP client. */
export class NodeResponse implements HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly peer: string | undefined;
  readonly body: ResponseBody;
  readonly #message: IncomingMessage;
  readonly #isHead: boolean;
  #gathered: Promise<Buffer> | undefined;

  /** `idle` is how long a piece of the body may take, in milliseconds, by `clock`. */
  constructor(message: IncomingMessage, { url, peer, isHead }: Origin, clock: PhaseClock, idle: number) {
    this.peer = peer;
    this.status = message.statusCode ?? 0;
    this.url = url;
    this.body = new ResponseBody(message, clock, idle, (error) => connectionFault(error, url, true));
    this.#message = message;
    this.#isHead = isHead;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headers(name: string): string[] {
    // Most are not there, and telling headers apart costs more than joining them.
    if (this.#message.headers[name] === undefined) return [];
    return this.#message.headersDistinct[name] ?? [];
  }

  bytes(limit: number): Promise<Buffer> {
    this.#gathered ??= this.#gather(limit);
    return this.#gathered;
  }

  async #gather(limit: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.body) {
      length += chunk.length;
      if (length > limit) {
        throw new OciError('BUNNY_ELIMIT', `the answer is longer than ${limit} bytes`, {
          where: printableUrl(this.url),
          hint: 'no valid answer is this long: ask whoever runs the server',
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
