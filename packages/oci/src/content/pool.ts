/**
 * Runs at most so many actions at the same time, in the order in which they came. They begin one by one, so that what the
 * first of them asked for is under way while the others begin.
 */
export class Pool {
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #begun = Promise.resolve();

  constructor(size: number) {
    this.#size = size;
  }

  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else if (this.#running++ > 0) await this.#nextTurn();
    try {
      return await action();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so nobody can take it in between.
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** The turn of the event loop after the one in which the action before began. */
  #nextTurn(): Promise<void> {
    this.#begun = this.#begun.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#begun;
  }
}
