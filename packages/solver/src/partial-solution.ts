import { anything, type CandidateSet, isSubset, only } from './candidate-set.js';
import { type Incompatibility, type Term, termOf } from './incompatibility.js';
import type { Package } from './package.js';

/** One step of the search: what became known of a package, and why. */
export interface Assignment {
  package: Package;
  /** What this step alone says. */
  said: CandidateSet;
  /** What is known of the package from this step on. */
  known: CandidateSet;
  /** Position in the history. */
  index: number;
  /** How many decisions had been taken. */
  level: number;
  /** Undefined for a decision. */
  cause: Incompatibility | undefined;
  /** The step before on the same package. */
  previous: Assignment | undefined;
}

/** Why an incompatibility holds at present: the step that completed it, and the level before which it did not need it. */
export interface Satisfaction {
  satisfier: Assignment;
  previousLevel: number;
}

/** Everything decided and derived so far, in order, so that it can be taken back. */
export class PartialSolution {
  level = 0;
  readonly #history: Assignment[] = [];
  readonly #latest: (Assignment | undefined)[] = [];

  /** The states in which a package still may be. */
  known(of: Package): CandidateSet {
    return this.#latest[of.number]?.known ?? anything;
  }

  isDecided(of: Package): boolean {
    const latest = this.#latest[of.number];
    return latest !== undefined && latest.cause === undefined;
  }

  satisfies({ package: of, set }: Term): boolean {
    return isSubset(this.known(of), set);
  }

  decide(on: Package, candidate: number): void {
    this.level++;
    this.#push(on, only(candidate), undefined);
  }

  derive(on: Package, said: CandidateSet, cause: Incompatibility): void {
    this.#push(on, said, cause);
  }

  /** Takes back everything after a level, newest first. */
  backtrack(level: number, onUndone: (undone: Assignment) => void): void {
    for (;;) {
      const last = this.#history.at(-1);
      if (last === undefined || last.level <= level) break;
      this.#history.pop();
      this.#latest[last.package.number] = last.previous;
      onUndone(last);
    }
    this.level = level;
  }

  /** Position of the step since which a term holds. -1 where it does not. */
  since(term: Term): number {
    return this.#first(term)?.index ?? -1;
  }

  /** Takes apart an incompatibility, not an empty one, whose terms all hold. */
  satisfaction(incompatibility: Incompatibility): Satisfaction {
    let satisfier: Assignment | undefined;
    let previousLevel = 0;
    for (const term of incompatibility.terms) {
      const step = this.#first(term);
      if (step === undefined) throw new Error('an incompatibility was resolved that does not hold');
      if (satisfier === undefined || step.index > satisfier.index) {
        previousLevel = Math.max(previousLevel, satisfier?.level ?? 0);
        satisfier = step;
      } else {
        previousLevel = Math.max(previousLevel, step.level);
      }
    }
    if (satisfier === undefined) throw new Error('an empty incompatibility has no satisfier');
    return { satisfier, previousLevel: Math.max(previousLevel, this.#needed(satisfier, incompatibility)) };
  }

  /** The level of the earlier steps on the satisfier's package without which it would not do. */
  #needed(satisfier: Assignment, incompatibility: Incompatibility): number {
    const set = termOf(incompatibility, satisfier.package);
    if (isSubset(satisfier.said, set)) return 0;
    let step = satisfier.previous;
    while (step?.previous !== undefined && isSubset(step.previous.known & satisfier.said, set)) {
      step = step.previous;
    }
    return step?.level ?? 0;
  }

  #first(term: Term): Assignment | undefined {
    let step = this.#latest[term.package.number];
    if (step === undefined || !isSubset(step.known, term.set)) return undefined;
    while (step.previous !== undefined && isSubset(step.previous.known, term.set)) step = step.previous;
    return step;
  }

  #push(on: Package, said: CandidateSet, cause: Incompatibility | undefined): void {
    const previous = this.#latest[on.number];
    const assignment: Assignment = {
      package: on,
      said,
      known: (previous?.known ?? anything) & said,
      index: this.#history.length,
      level: this.level,
      cause,
      previous,
    };
    this.#history.push(assignment);
    this.#latest[on.number] = assignment;
  }
}
