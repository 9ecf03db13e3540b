import type { IncomingMessage } from 'node:http';
import type { PhaseClock } from './phase-clock.js';

/** What has to come while its consumer waits, on average over as long as may pass without anything. Bytes a second. */
const slowest = 100;
/** Pieces that wait for their consumer up to this size before the peer is slowed down. Bytes. */
const mostWaiting = 512 * 1024;

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The body of a message, piece by piece as it comes off the connection. Node's own iterator does the
 * same for four times the time, which is most of what a small body takes. Where the connection breaks
 * off, the pieces that came before are delivered first.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #message: IncomingMessage;
  readonly #clock: PhaseClock;
  /**
   * How long the consumer may wait for a piece; and in all for `slowest` times as much: a peer that gives a byte now and then
   * would be waited for without end. Milliseconds.
   */
  readonly #idle: number;
  readonly #failure: (error: unknown) => Error;
  readonly #pieces: Uint8Array[] = [];
  #waiting = 0;
  #waiter: Waiter | undefined;
  #flows = false;
  /** Since the peer was last quick enough: how much has come, and how long the consumer waited for it. */
  #arrived = 0;
  #waited = 0;
  #waitsSince = 0;
  #end: { failed: unknown } | undefined;

  /** `failure` says what an error of the connection means. */
  constructor(message: IncomingMessage, clock: PhaseClock, idle: number, failure: (error: unknown) => Error) {
    this.#message = message;
    this.#clock = clock;
    this.#idle = idle;
    this.#failure = failure;
    message.on('error', (error) => this.#finish(error));
    message.on('close', () => this.#finish(message.complete ? undefined : prematureEnd()));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#waiting -= piece.length;
      return Promise.resolve({ done: false, value: piece });
    }
    if (this.#end !== undefined) return this.#ended(this.#end.failed);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#waitsSince = performance.now();
      this.#clock.start('idle', this.#patience());
      this.#flow();
    });
  }

  /** Gives up what has not come yet, and the connection with it. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#clock.stop();
    this.#pieces.length = 0;
    if (this.#end === undefined) this.#message.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** A clock that is set anew for each piece costs more than it is worth: at first it is wound up in full. */
  #patience(): number {
    return this.#waited < this.#idle / 8 ? this.#idle : Math.max(1, this.#idle - this.#waited);
  }

  /** A piece has come that was waited for. */
  #account(length: number): void {
    this.#arrived += length;
    this.#waited += performance.now() - this.#waitsSince;
    if (this.#arrived * 1000 < slowest * this.#idle) return;
    this.#arrived = 0;
    this.#waited = 0;
  }

  #flow(): void {
    if (this.#flows) {
      if (this.#message.isPaused()) this.#message.resume();
      return;
    }
    this.#flows = true;
    this.#message.on('end', () => this.#finish(undefined));
    this.#message.on('data', (piece: Uint8Array) => this.#take(piece));
  }

  #take(piece: Uint8Array): void {
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#arrived += piece.length;
      this.#pieces.push(piece);
      this.#waiting += piece.length;
      if (this.#waiting >= mostWaiting) this.#message.pause();
      return;
    }
    this.#waiter = undefined;
    // While the consumer works nothing is expected from the peer.
    this.#clock.pause();
    this.#account(piece.length);
    waiter.resolve({ done: false, value: piece });
  }

  #finish(failed: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { failed };
    this.#clock.stop();
    const waiter = this.#waiter;
    this.#waiter = undefined;
    if (waiter !== undefined) this.#ended(failed).then(waiter.resolve, waiter.reject);
  }

  #ended(failed: unknown): Promise<IteratorResult<Uint8Array, undefined>> {
    return failed === undefined
      ? Promise.resolve({ done: true, value: undefined })
      : Promise.reject(this.#failure(failed));
  }
}

function prematureEnd(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}
