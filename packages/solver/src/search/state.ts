import { isPresent, overlaps } from './candidate-set.js';
import type { CapabilityPackage } from './capability-package.js';
import type { ComponentPackage } from './component-package.js';
import type { Incompatibility } from './incompatibility.js';
import { Lesson } from './lesson.js';
import type { Package } from './package.js';
import { type Assignment, PartialSolution } from './partial-solution.js';
import { Queue } from './queue.js';
import type { Term } from './term.js';

/** Taking back more decisions than this only to take them again costs more than it helps. */
const longJump = 32;

/** An incompatibility with the two of its terms that are looked at when they change. */
interface Watched {
  incompatibility: Incompatibility;
  first: Term;
  second: Term;
  /** Since this step one of its terms cannot hold: nothing more comes of it while the step stands. */
  contradiction: Assignment | undefined;
}

/** What is known (incompatibilities) and what follows from it (the partial solution). */
export class State {
  readonly solution = new PartialSolution();
  /** Conflicts met so far. */
  deadEnds = 0;
  readonly #mostWork: number;
  readonly #fresh: Incompatibility[] = [];
  readonly #watched: Watched[][] = [];
  readonly #changed: Package[] = [];
  readonly #queue = new Queue();
  readonly #narrowed = new Set<ComponentPackage>();
  readonly #conflicts: number[] = [];

  /** @param mostWork - After so many steps no more conclusions are drawn. */
  constructor(mostWork = Number.POSITIVE_INFINITY) {
    this.#mostWork = mostWork;
  }

  /** Steps of work done so far. */
  get work(): number {
    return this.solution.work;
  }

  get isSpent(): boolean {
    return this.work >= this.#mostWork;
  }

  add(incompatibility: Incompatibility): void {
    this.#fresh.push(incompatibility);
  }

  /** Draws all conclusions. Returns an incompatibility of which every term holds, if there is one, and the work is not spent. */
  propagate(): Incompatibility | undefined {
    while (!this.isSpent) {
      const fresh = this.#fresh.pop();
      if (fresh !== undefined) {
        if (this.#watch(fresh)) return fresh;
        continue;
      }
      const changed = this.#changed.pop();
      if (changed === undefined) return undefined;
      const conflict = this.#revisit(changed);
      if (conflict !== undefined) {
        // The others that changed are still to be looked at, as far as they stay.
        this.#changed.push(changed);
        return conflict;
      }
    }
    return undefined;
  }

  /**
   * Learns from a conflict and goes back to where the lesson says what not to do. Returns the
   * incompatibility without terms, the proof that there is no solution, where it gets that far.
   */
  resolve(conflict: Incompatibility): Incompatibility | undefined {
    this.deadEnds++;
    const lesson = new Lesson(conflict, this.solution);
    for (;;) {
      const satisfied = lesson.latest();
      if (satisfied === undefined) return lesson.incompatibility();
      const { latest, next } = satisfied;
      const level = latest.height;
      const before = next?.height ?? 0;
      if (level > 0 && (next === undefined || before < level)) {
        this.#backtrack(level - before > longJump ? level - 1 : before);
        for (const { number } of lesson.packages) this.#conflicts[number] = this.conflictsOf(number) + 1;
        this.add(lesson.incompatibility());
        return undefined;
      }
      if (latest.cause === undefined) throw new Error('a decision contradicts itself');
      this.solution.work += latest.cause.terms.length;
      lesson.combine(latest.cause, latest.package);
    }
  }

  /** Puts what must be in the closure at the end of the queue. */
  ask(packages: readonly Package[]): void {
    this.#queue.ask(packages);
  }

  /** The package to decide on next. Undefined where all are decided but open capabilities. */
  next(): Package | undefined {
    return this.#queue.next(
      (item) => (item.kind === 'capability' && item.open) || this.solution.isDecided(item),
    );
  }

  /** The open capabilities that are asked for and not decided. */
  open(): Iterable<CapabilityPackage> {
    return this.#queue.open((item) => this.solution.isDecided(item));
  }

  isPending(item: Package): boolean {
    return isPresent(this.solution.known(item)) && !this.solution.isDecided(item);
  }

  /** Decides for a candidate that nothing known stands against. `brings` is what must be in the closure too. */
  decide(on: Package, candidate: number, brings: readonly Package[] = []): void {
    this.#queue.mark();
    this.#queue.ask(brings);
    this.solution.decide(on, candidate);
    this.#changed.push(on);
  }

  /** The components that must be in the closure, are not decided, and of which more became known since the last call. */
  takeChanged(): ComponentPackage[] {
    const changed = [...this.#narrowed].filter((component) => this.isPending(component));
    this.#narrowed.clear();
    return changed;
  }

  /** How many conflicts the package of this number took part in. */
  conflictsOf(number: number): number {
    return this.#conflicts[number] ?? 0;
  }

  /** Takes the incompatibility in. True where all of its terms hold. */
  #watch(incompatibility: Incompatibility): boolean {
    const { terms } = incompatibility;
    this.solution.work += terms.length;
    // Terms that do not hold, else those that are the first to fall when steps are taken back.
    let first: Term | undefined;
    let second: Term | undefined;
    let firstHeight = -1;
    let secondHeight = -1;
    for (const term of terms) {
      const height = this.solution.satisfier(term)?.height ?? Number.POSITIVE_INFINITY;
      if (first === undefined || height > firstHeight) {
        [second, secondHeight] = [first, firstHeight];
        [first, firstHeight] = [term, height];
      } else if (second === undefined || height > secondHeight) {
        [second, secondHeight] = [term, height];
      }
    }
    if (first === undefined) return true;
    const watched = { incompatibility, first, second: second ?? first, contradiction: undefined };
    this.#watchers(first.package).push(watched);
    if (second !== undefined) this.#watchers(second.package).push(watched);
    if (firstHeight !== Number.POSITIVE_INFINITY) return true;
    if (secondHeight !== Number.POSITIVE_INFINITY) this.#exclude(first.package, incompatibility);
    return false;
  }

  #watchers(of: Package): Watched[] {
    let watchers = this.#watched[of.number];
    if (watchers === undefined) {
      watchers = [];
      this.#watched[of.number] = watchers;
    }
    return watchers;
  }

  /** Looks again at what watches a package that changed. */
  #revisit(changed: Package): Incompatibility | undefined {
    const watchers = this.#watchers(changed);
    // Those that are passed over take hardly any time.
    this.solution.work += watchers.length >> 4;
    let conflict: Incompatibility | undefined;
    let kept = 0;
    for (const watched of watchers) {
      if (watched.contradiction?.stands === true) {
        if (watched.contradiction.height > 0) watchers[kept++] = watched;
        continue;
      }
      this.solution.work += changed.weight;
      const own = watched.first.package === changed ? watched.first : watched.second;
      const other = own === watched.first ? watched.second : watched.first;
      if (conflict !== undefined || !this.solution.satisfies(own)) {
        if (conflict === undefined) watched.contradiction = this.solution.contradiction(own);
        watchers[kept++] = watched;
        continue;
      }
      const { incompatibility } = watched;
      const next = own === other ? undefined : this.#otherToWatch(incompatibility, own, other);
      if (next === undefined || next === own) watchers[kept++] = watched;
      else {
        watched.first = next;
        watched.second = other;
        this.#watchers(next.package).push(watched);
      }
      if (next !== undefined && !this.solution.satisfies(next)) continue;
      if (own === other || this.solution.satisfies(other)) conflict = incompatibility;
      else this.#exclude(other.package, incompatibility);
    }
    watchers.length = kept;
    return conflict;
  }

  /** The term to watch beside `other`: one that does not hold, or the first to fall when steps are taken back. */
  #otherToWatch({ terms }: Incompatibility, own: Term, other: Term): Term {
    if (terms.length === 2) return own;
    this.solution.work += terms.length;
    let best = own;
    let height = -1;
    for (const term of terms) {
      if (term === other) continue;
      const step = this.solution.satisfier(term);
      if (step === undefined) return term;
      if (step.height > height) [best, height] = [term, step.height];
    }
    return best;
  }

  /** All other terms hold, so this one must not. */
  #exclude(on: Package, cause: Incompatibility): void {
    let level = 0;
    let set = 0n;
    for (const term of cause.terms) {
      if (term.package === on) set = term.set;
      else level = Math.max(level, this.solution.satisfier(term)?.height ?? 0);
    }
    this.solution.work += on.weight;
    if (!overlaps(this.solution.known(on), set)) return;
    this.solution.derive(on, ~set, level, cause);
    if (on.kind === 'component') this.#narrowed.add(on);
    this.#changed.push(on);
  }

  #backtrack(level: number): void {
    for (const shaken of this.solution.backtrack(level)) this.#changed.push(shaken);
    this.#queue.backtrack(level);
  }
}
