import { anything, type CandidateSet, isSubset, only } from './candidate-set.js';
import type { Incompatibility } from './incompatibility.js';
import type { Package } from './package.js';
import type { Term } from './term.js';

/** One step of the search: what became known of a package, and why. */
export interface Assignment {
  package: Package;
  /** What this step alone says. */
  said: CandidateSet;
  /** What is known of the package from this step on. */
  known: CandidateSet;
  /** Position in the history. */
  index: number;
  /** The number of decisions from which this step follows: it stays while they stay. */
  level: number;
  /** The highest level of this step and all before it on the same package. */
  height: number;
  /** The candidate that this step, or one before it on the same package, decided on. */
  decided: number | undefined;
  /** Undefined for a decision. */
  cause: Incompatibility | undefined;
  /** The step before on the same package. */
  previous: Assignment | undefined;
}

/**
 * Everything decided and derived so far, in order, so that it can be taken back. A step may follow
 * from fewer decisions than there were when it was found; then it outlives the later ones.
 */
export class PartialSolution {
  level = 0;
  readonly #history: Assignment[] = [];
  /** Where in the history each decision stands. */
  readonly #decisions: number[] = [];
  readonly #latest: (Assignment | undefined)[] = [];

  /** The states in which a package still may be. */
  known(of: Package): CandidateSet {
    return this.#latest[of.number]?.known ?? anything;
  }

  isDecided(of: Package): boolean {
    return this.#latest[of.number]?.decided !== undefined;
  }

  /** The one candidate that was decided on. @throws Error where none was. */
  decided(of: Package): number {
    const decided = this.#latest[of.number]?.decided;
    if (decided === undefined) throw new Error(`${of.name} is not in the closure`);
    return decided;
  }

  satisfies({ package: of, set }: Term): boolean {
    return isSubset(this.known(of), set);
  }

  decide(on: Package, candidate: number): void {
    this.level++;
    this.#decisions.push(this.#history.length);
    this.#push(on, only(candidate), this.level, undefined, candidate);
  }

  /** `level`: of the latest of the terms that the conclusion follows from. */
  derive(on: Package, said: CandidateSet, level: number, cause: Incompatibility): void {
    this.#push(on, said, level, cause);
  }

  /** Takes back what follows from decisions after a level. Returns the steps that had to move up. */
  backtrack(level: number): Assignment[] {
    const kept: Assignment[] = [];
    const end = this.#decisions[level] ?? this.#history.length;
    for (const step of this.#history.splice(end).reverse()) {
      this.#latest[step.package.number] = step.previous;
      if (step.level <= level) kept.push(step);
    }
    for (const { package: on, said, level, cause } of kept.reverse()) this.#push(on, said, level, cause);
    this.#decisions.length = level;
    this.level = level;
    return kept;
  }

  /** The step since which a term holds. Undefined where it does not. */
  satisfier(term: Term): Assignment | undefined {
    let step = this.#latest[term.package.number];
    if (step === undefined || !isSubset(step.known, term.set)) return undefined;
    while (step.previous !== undefined && isSubset(step.previous.known, term.set)) step = step.previous;
    return step;
  }

  #push(
    on: Package,
    said: CandidateSet,
    level: number,
    cause: Incompatibility | undefined,
    decided?: number,
  ): void {
    const previous = this.#latest[on.number];
    const assignment: Assignment = {
      package: on,
      said,
      known: (previous?.known ?? anything) & said,
      index: this.#history.length,
      level,
      height: Math.max(previous?.height ?? 0, level),
      decided: decided ?? previous?.decided,
      cause,
      previous,
    };
    this.#history.push(assignment);
    this.#latest[on.number] = assignment;
  }
}
