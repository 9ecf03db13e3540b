import { Agenda } from './agenda.js';
import { anything, has, isPresent, isSingle, overlaps } from './candidate-set.js';
import { type Incompatibility, resolvent, type Term } from './incompatibility.js';
import type { Package } from './package.js';
import { type Assignment, PartialSolution } from './partial-solution.js';

/** Jumping back over more decisions than this only to take them again costs more than it finds. */
const longJump = 64;

/** An incompatibility with the two of its terms that are looked at when they change. */
interface Watched {
  incompatibility: Incompatibility;
  first: Term;
  second: Term;
}

/** What is known (incompatibilities) and what follows from it (the partial solution). */
export class State {
  readonly solution = new PartialSolution();
  readonly #fresh: Incompatibility[] = [];
  readonly #watched: Watched[][] = [];
  readonly #changed: Package[] = [];
  readonly #agenda = new Agenda();
  readonly #conflicts: number[] = [];
  /** Conflicts met so far. */
  deadEnds = 0;

  add(incompatibility: Incompatibility): void {
    this.#fresh.push(incompatibility);
  }

  /** Draws all conclusions. Returns an incompatibility of which every term holds, if there is one. */
  propagate(): Incompatibility | undefined {
    for (;;) {
      const fresh = this.#fresh.pop();
      if (fresh !== undefined) {
        if (this.#watch(fresh)) return this.#conflict(fresh);
        continue;
      }
      const changed = this.#changed.pop();
      if (changed === undefined) return undefined;
      const conflict = this.#revisit(changed);
      if (conflict !== undefined) return this.#conflict(conflict);
    }
  }

  /**
   * Learns from a conflict and goes back to where the lesson applies. Returns the incompatibility
   * without terms, that is the proof that there is no solution, where it gets that far.
   */
  resolve(conflict: Incompatibility): Incompatibility | undefined {
    let lesson = conflict;
    this.deadEnds++;
    while (lesson.terms.length > 0) {
      const { satisfier, previousLevel } = this.solution.satisfaction(lesson);
      if (satisfier.cause === undefined || previousLevel < satisfier.level) {
        this.#backtrack(satisfier.level - previousLevel > longJump ? satisfier.level - 1 : previousLevel);
        for (const {
          package: { number },
        } of lesson.terms)
          this.#conflicts[number] = this.conflictsOf(number) + 1;
        if (lesson === conflict) this.#exclude(satisfier.package, lesson);
        else this.add(lesson);
        return undefined;
      }
      lesson = resolvent(lesson, satisfier.cause, satisfier.package);
    }
    return lesson;
  }

  /** The package to decide on next: one that must be in the closure. Undefined where all are decided. */
  next(): Package | undefined {
    for (let turn = this.#agenda.take(); turn !== undefined; turn = this.#agenda.take()) {
      if (!this.isPending(turn.package)) continue;
      // Since it was put there, steps were taken back, or a capability turned out to be open.
      if (this.#rank(turn.package) > turn.rank) this.postpone(turn.package);
      else return turn.package;
    }
    return undefined;
  }

  isPending(item: Package): boolean {
    return !this.solution.isDecided(item) && isPresent(this.solution.known(item));
  }

  /** Puts a package back that `next` gave and that was not decided on. */
  postpone(item: Package): void {
    if (this.isPending(item)) this.#agenda.add(item, this.#rank(item));
  }

  /** Decides, unless that is already known to fail: then it is ruled out, and false returned. */
  decide(on: Package, candidate: number): boolean {
    for (const { incompatibility } of this.#watched[on.number] ?? []) {
      if (!this.#completes(incompatibility, on, candidate)) continue;
      this.#exclude(on, incompatibility);
      this.postpone(on);
      return false;
    }
    this.solution.decide(on, candidate);
    this.#changed.push(on);
    return true;
  }

  /** True where deciding so would make all terms hold. */
  #completes({ terms }: Incompatibility, on: Package, candidate: number): boolean {
    return terms.every((term) =>
      term.package === on ? has(term.set, candidate) : this.solution.satisfies(term),
    );
  }

  /** Takes the incompatibility in. True where all of its terms hold. */
  #watch(incompatibility: Incompatibility): boolean {
    const { terms } = incompatibility;
    // The two terms that hold last, those that do not hold at all before any other: they stay right when steps are taken back.
    let first: Term | undefined;
    let second: Term | undefined;
    let firstSince = -1;
    let secondSince = -1;
    for (const term of terms) {
      const since = this.solution.since(term);
      const age = since < 0 ? Number.POSITIVE_INFINITY : since;
      if (first === undefined || age > firstSince) {
        [second, secondSince] = [first, firstSince];
        [first, firstSince] = [term, age];
      } else if (second === undefined || age > secondSince) {
        [second, secondSince] = [term, age];
      }
    }
    if (first === undefined) return true;
    const watched = { incompatibility, first, second: second ?? first };
    this.#watchers(first.package).push(watched);
    if (second !== undefined) this.#watchers(second.package).push(watched);
    if (firstSince !== Number.POSITIVE_INFINITY) return true;
    if (second === undefined || secondSince !== Number.POSITIVE_INFINITY)
      this.#exclude(first.package, incompatibility);
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
    let kept = 0;
    for (let i = 0; i < watchers.length; i++) {
      const watched = watchers[i] as Watched;
      const own = watched.first.package === changed ? watched.first : watched.second;
      const other = own === watched.first ? watched.second : watched.first;
      if (!this.solution.satisfies(own)) {
        watchers[kept++] = watched;
        continue;
      }
      const replacement = watched.incompatibility.terms.find(
        (term) => term !== own && term !== other && !this.solution.satisfies(term),
      );
      if (replacement !== undefined && own !== other) {
        watched.first = replacement;
        watched.second = other;
        this.#watchers(replacement.package).push(watched);
        continue;
      }
      watchers[kept++] = watched;
      if (own === other || this.solution.satisfies(other)) {
        for (i++; i < watchers.length; i++) watchers[kept++] = watchers[i] as Watched;
        watchers.length = kept;
        return watched.incompatibility;
      }
      this.#exclude(other.package, watched.incompatibility);
    }
    watchers.length = kept;
    return undefined;
  }

  /** All other terms hold, so this one must not. */
  #exclude(on: Package, cause: Incompatibility): void {
    const term = cause.terms.find((each) => each.package === on) as Term;
    const known = this.solution.known(on);
    if (!overlaps(known, term.set)) return;
    this.solution.derive(on, anything & ~term.set, cause);
    this.#changed.push(on);
    this.postpone(on);
  }

  #conflict(incompatibility: Incompatibility): Incompatibility {
    this.#changed.length = 0;
    return incompatibility;
  }

  #backtrack(level: number): void {
    this.solution.backtrack(level, (undone: Assignment) => {
      if (undone.cause === undefined) this.postpone(undone.package);
    });
  }

  /** How many conflicts the package of this number took part in. */
  conflictsOf(number: number): number {
    return this.#conflicts[number] ?? 0;
  }

  /** What has no choice left comes first, open capabilities last; between them what took part in more conflicts. */
  #rank(item: Package): number {
    if (item.kind === 'capability' && item.open) return 1;
    if (isSingle(this.solution.known(item))) return Number.NEGATIVE_INFINITY;
    return -Math.floor(Math.log2(this.conflictsOf(item.number) + 1));
  }
}
