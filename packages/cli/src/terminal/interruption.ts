import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';

/** How long a command has to end by itself. Milliseconds. */
const grace = 10_000;

/**
 * What ends a command before its time: Ctrl-C, SIGTERM, or that nobody reads its output any more. The first
 * raises a signal that commands look at; a second one, or some time without an end, ends the process.
 */
export class Interruption {
  readonly #abort = new AbortController();
  #status: number | undefined;
  #deadline: NodeJS.Timeout | undefined;
  readonly #listener = (name: NodeJS.Signals) => this.raise(name);

  constructor() {
    // Every transfer under way listens.
    setMaxListeners(0, this.#abort.signal);
    process.on('SIGINT', this.#listener).on('SIGTERM', this.#listener);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status of a process that a signal ended, as shells give it: 130, 143. Undefined where none came. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Stops listening. */
  end(): void {
    clearTimeout(this.#deadline);
    process.off('SIGINT', this.#listener).off('SIGTERM', this.#listener);
  }

  /** Does what this signal to the process would do. */
  raise(name: 'SIGPIPE' | NodeJS.Signals): void {
    const status = 128 + constants.signals[name];
    if (this.#status === undefined) {
      this.#status = status;
      this.#deadline = setTimeout(() => process.exit(status), grace).unref();
      this.#abort.abort();
    } else if (name !== 'SIGPIPE') process.exit(status);
  }
}

/** Says what became of what was cancelled, where that is not what is true of all commands. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
}
