import { anything } from './candidate-set.js';
import type { Incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import type { Assignment, PartialSolution } from './partial-solution.js';
import type { Term } from './term.js';

/** A term of a lesson, and the step since which it holds. */
interface Held {
  term: Term;
  since: Assignment;
}

/**
 * What is learnt from a conflict, while it is found out: incompatibilities are combined by the rule of resolution,
 * from the latest step back. The term to go on with is on top of a heap, as there may be thousands of terms, and as
 * many incompatibilities to combine.
 */
export class Lesson {
  readonly #solution: PartialSolution;
  readonly #from: Incompatibility[];
  readonly #held = new Map<Package, Held>();
  /** The latest first. What is no longer in `#held` is left out when it comes up. */
  readonly #heap: Held[] = [];

  constructor(conflict: Incompatibility, solution: PartialSolution) {
    this.#solution = solution;
    this.#from = [conflict];
    for (const term of conflict.terms) this.#hold(term);
  }

  get packages(): Iterable<Package> {
    return this.#held.keys();
  }

  /** The step since which all terms hold, and the one since which all but its own do. Undefined where there are no terms. */
  latest(): { latest: Assignment; next: Assignment | undefined } | undefined {
    const top = this.#pop();
    if (top === undefined) return undefined;
    const next = this.#pop();
    if (next !== undefined) this.#push(next);
    this.#push(top);
    return { latest: top.since, next: next?.since };
  }

  /**
   * Combines with why a step on a package was taken: what follows from both, whichever state it is in. Terms on
   * it are united, all others intersected.
   */
  combine(cause: Incompatibility, on: Package): void {
    this.#from.push(cause);
    for (const term of cause.terms) {
      const set = this.#held.get(term.package)?.term.set;
      if (set === undefined) {
        this.#hold(term);
        continue;
      }
      const combined = term.package === on ? set | term.set : set & term.set;
      if (combined === set) continue;
      this.#held.delete(term.package);
      if (combined !== anything) this.#hold({ package: term.package, set: combined });
    }
  }

  incompatibility(): Incompatibility {
    const terms = [...this.#held.values()].map(({ term }) => term);
    terms.sort((a, b) => a.package.number - b.package.number);
    return { terms, cause: { kind: 'derived', from: this.#from } };
  }

  #hold(term: Term): void {
    const since = this.#solution.satisfier(term);
    if (since === undefined) throw new Error('an incompatibility was resolved that does not hold');
    const held = { term, since };
    this.#held.set(term.package, held);
    this.#push(held);
  }

  #push(held: Held): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(held);
    for (let above = (at - 1) >> 1; at > 0 && isLater(held, heap[above] as Held); above = (at - 1) >> 1) {
      heap[at] = heap[above] as Held;
      at = above;
    }
    heap[at] = held;
  }

  /** Takes the latest out that is still held. */
  #pop(): Held | undefined {
    const heap = this.#heap;
    for (;;) {
      const [top] = heap;
      const last = heap.pop();
      if (top === undefined || last === undefined) return undefined;
      if (heap.length > 0) this.#sink(last);
      if (this.#held.get(top.term.package) === top) return top;
    }
  }

  /** Puts one in place of the top. */
  #sink(held: Held): void {
    const heap = this.#heap;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      const [left, right] = [heap[below] as Held, heap[below + 1]];
      const later = right !== undefined && isLater(right, left) ? right : left;
      if (!isLater(later, held)) break;
      heap[at] = later;
      at = later === left ? below : below + 1;
    }
    heap[at] = held;
  }
}

function isLater(a: Held, b: Held): boolean {
  return a.since.height === b.since.height ? a.since.index > b.since.index : a.since.height > b.since.height;
}
