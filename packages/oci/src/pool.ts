/** Runs at most so many actions at the same time, in the order in which they came. */
export class Pool {
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(size: number) {
    this.#size = size;
  }

  async run<T>(action: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#size) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await action();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed on, so nobody can take it in between.
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
