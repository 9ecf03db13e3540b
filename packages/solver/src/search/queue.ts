import type { CapabilityPackage } from './capability-package.js';
import type { Package } from './package.js';

/**
 * What must be in the closure, in the order in which the root and the decisions asked for it: that is
 * the order in which it is decided on. It follows from the decisions that stand and from nothing
 * else, so what the search has learnt, or not learnt yet, has no say in the answer.
 */
export class Queue {
  readonly #asked: Package[] = [];
  /** The open capabilities among them, each once. */
  readonly #open: CapabilityPackage[] = [];
  readonly #isOpen = new Set<CapabilityPackage>();
  /** All before this are done. */
  #at = 0;
  #openAt = 0;
  /** How things stood before each decision. */
  readonly #marks: { length: number; at: number; open: number; openAt: number }[] = [];

  ask(packages: readonly Package[]): void {
    for (const each of packages) {
      this.#asked.push(each);
      if (each.kind !== 'capability' || !each.open || this.#isOpen.has(each)) continue;
      this.#open.push(each);
      this.#isOpen.add(each);
    }
  }

  /** The first for which it does not hold. */
  next(isDone: (item: Package) => boolean): Package | undefined {
    for (; this.#at < this.#asked.length; this.#at++) {
      const item = this.#asked[this.#at] as Package;
      if (!isDone(item)) return item;
    }
    return undefined;
  }

  /** The open capabilities that were asked for and for which it does not hold. */
  *open(isDone: (item: Package) => boolean): Generator<CapabilityPackage, void, void> {
    const open = this.#open;
    while (this.#openAt < open.length && isDone(open[this.#openAt] as Package)) this.#openAt++;
    for (let at = this.#openAt; at < open.length; at++) {
      const item = open[at] as CapabilityPackage;
      if (!isDone(item)) yield item;
    }
  }

  /** Notes how things stand before one more decision. */
  mark(): void {
    const [length, open] = [this.#asked.length, this.#open.length];
    this.#marks.push({ length, at: this.#at, open, openAt: this.#openAt });
  }

  /** Back to how it was after so many decisions. */
  backtrack(level: number): void {
    const mark = this.#marks[level];
    if (mark === undefined) return;
    this.#marks.length = level;
    this.#asked.length = mark.length;
    this.#at = mark.at;
    for (const each of this.#open.splice(mark.open)) this.#isOpen.delete(each);
    this.#openAt = mark.openAt;
  }
}
