import type { ExitStatus } from 'bunny-libos-spec';
import { ControlGroup } from './control-group.js';
import { insideBubblewrap } from './inside-view.js';
import { LimitWatch } from './limit-watch.js';
import { limitInWords } from './limit-words.js';
import { type Limits, overLimit } from './limits.js';

/** Keeps one sandbox within its limits: made before it starts, told when it has started, asked when it has ended. */
export class Guard {
  /** For the sandbox to join. */
  readonly group: ControlGroup;
  readonly #limits: Limits;
  readonly #writable: readonly string[];
  readonly #over = new AbortController();
  #watch: LimitWatch | undefined;

  /** `writable`: directories of this machine that the sandbox may write. `joinsGroups`: it can join control groups. */
  constructor(limits: Limits, writable: readonly string[], joinsGroups = true) {
    this.#limits = limits;
    this.#writable = writable;
    this.group = joinsGroups ? ControlGroup.open(limits) : ControlGroup.none;
  }

  /** Ends the sandbox when it is over a limit, and when `signal` does. */
  signal(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#over.signal : AbortSignal.any([signal, this.#over.signal]);
  }

  /** `starter`: id of the process that makes the sandbox; `inside`: that of one in it, once there is one. */
  started(starter: number, inside: () => number | undefined = () => insideBubblewrap(starter)): void {
    this.group.join(starter);
    this.#watch = new LimitWatch({
      inside,
      limits: this.#limits,
      group: this.group,
      writable: this.#writable,
      end: () => this.#over.abort(),
    });
  }

  /**
   * To be called when it has ended, in whatever way. `words`: what its tools said, where they failed; `where`: the place
   * for messages. Throws BUNNY_ERESOURCE where it went over a limit.
   */
  async ended(words: string, where: string, status?: ExitStatus): Promise<void> {
    const limit = (await this.#watch?.finish()) ?? limitInWords(words, this.#limits, this.#writable);
    await this.group.remove();
    if (limit !== undefined) throw overLimit(limit, this.#limits, where, status);
  }
}
