import type { Package } from './package.js';

/** When a package's turn comes, lowest first: rank, then number. */
export interface Turn {
  rank: number;
  package: Package;
}

/** The packages that wait for a decision: a binary heap. */
export class Agenda {
  readonly #heap: Turn[] = [];

  add(item: Package, rank: number): void {
    const heap = this.#heap;
    const entry = { rank, package: item };
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Turn;
      if (!before(entry, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Takes out what comes first. Undefined where none waits. */
  take(): Turn | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Turn, heap[child] as Turn)) child++;
      const below = heap[child] as Turn;
      if (!before(below, last)) break;
      heap[i] = below;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function before(a: Turn, b: Turn): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.package.number < b.package.number);
}
