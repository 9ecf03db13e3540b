import type { Package } from './package.js';

/**
 * What must be in the closure, in the order in which the root and the decisions asked for it: that is
 * the order in which it is decided on. It follows from the decisions that stand and from nothing
 * else, so what the search has learnt, or not learnt yet, has no say in the answer.
 */
export class Queue {
  readonly #asked: Package[] = [];
  /** All before this are done. */
  #at = 0;
  /** How things stood before each decision. */
  readonly #marks: { length: number; at: number }[] = [];

  ask(packages: readonly Package[]): void {
    for (const each of packages) this.#asked.push(each);
  }

  /** The first for which it does not hold. */
  next(isDone: (item: Package) => boolean): Package | undefined {
    for (; this.#at < this.#asked.length; this.#at++) {
      const item = this.#asked[this.#at] as Package;
      if (!isDone(item)) return item;
    }
    return undefined;
  }

  /** All that was asked for, each once. */
  all(): Iterable<Package> {
    return new Set(this.#asked);
  }

  /** Notes how things stand before one more decision. */
  mark(): void {
    this.#marks.push({ length: this.#asked.length, at: this.#at });
  }

  /** Back to how it was after so many decisions. */
  backtrack(level: number): void {
    const mark = this.#marks[level];
    if (mark === undefined) return;
    this.#marks.length = level;
    this.#asked.length = mark.length;
    this.#at = mark.at;
  }
}
