import { anything, type CandidateSet, isSubset, only, overlaps } from './candidate-set.js';
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
  /** Position in the history: those after it came later. */
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
  /** A step further back on the same package: thousands of steps are gone through in a few jumps. */
  jump: Assignment | undefined;
  /** How many steps there are before this one on the same package. */
  depth: number;
  /** False once it was taken back. */
  stands: boolean;
}

/**
 * Everything decided and derived so far, in order, so that it can be taken back. A step may follow
 * from fewer decisions than there were when it was found; then it outlives the later ones.
 */
export class PartialSolution {
  level = 0;
  /** Steps of work done so far: what was looked at. What bounds it bounds the time too, and is the same on every machine. */
  work = 0;
  #steps = 0;
  /** By level, which package was decided on. */
  readonly #decisions: (Package | undefined)[] = [];
  /** By level, of which packages something was derived from it, one for each step. */
  readonly #derived: (Package[] | undefined)[] = [];
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
    this.#decisions[this.level] = on;
    this.#push(on, only(candidate), this.#steps++, this.level, undefined, candidate);
  }

  /** `level`: of the latest of the terms that the conclusion follows from. */
  derive(on: Package, said: CandidateSet, level: number, cause: Incompatibility): void {
    const derived = this.#derived[level];
    if (derived !== undefined) derived.push(on);
    // What follows from no decision is never taken back.
    else if (level > 0) this.#derived[level] = [on];
    this.#push(on, said, this.#steps++, level, cause);
  }

  /**
   * Takes back what follows from decisions after a level. Returns the packages of which steps were taken back and
   * later ones stay. All others are left alone: there may be a hundred thousand of them.
   */
  backtrack(level: number): Package[] {
    const shaken: Package[] = [];
    for (; this.level > level; this.level--) {
      const decided = this.#decisions[this.level];
      if (decided !== undefined) this.#takeBack(decided, level, shaken);
      this.#decisions[this.level] = undefined;
      for (const on of this.#derived[this.level] ?? []) this.#takeBack(on, level, shaken);
      this.#derived[this.level] = undefined;
    }
    return shaken;
  }

  /** The step since which a term holds. Undefined where it does not. */
  satisfier({ package: of, set }: Term): Assignment | undefined {
    return this.#earliest(of, ({ known }) => isSubset(known, set));
  }

  /** The step since which a term cannot hold. Undefined where it can. */
  contradiction({ package: of, set }: Term): Assignment | undefined {
    return this.#earliest(of, ({ known }) => !overlaps(known, set));
  }

  /** The first step on a package for which it holds, of what holds from then on. */
  #earliest(of: Package, holds: (step: Assignment) => boolean): Assignment | undefined {
    let step = this.#latest[of.number];
    if (step === undefined || !holds(step)) return undefined;
    for (;;) {
      this.work++;
      if (step.jump !== undefined && holds(step.jump)) step = step.jump;
      else if (step.previous !== undefined && holds(step.previous)) step = step.previous;
      else return step;
    }
  }

  #takeBack(on: Package, level: number, shaken: Package[]): void {
    const kept: Assignment[] = [];
    let step = this.#latest[on.number];
    if (step === undefined || step.height <= level) return;
    for (; step !== undefined && step.height > level; step = step.previous) {
      step.stands = false;
      if (step.level <= level) kept.push(step);
    }
    this.#latest[on.number] = step;
    for (const { said, index, level, cause } of kept.reverse()) this.#push(on, said, index, level, cause);
    if (kept.length > 0) shaken.push(on);
  }

  #push(
    on: Package,
    said: CandidateSet,
    index: number,
    level: number,
    cause: Incompatibility | undefined,
    decided?: number,
  ): void {
    const previous = this.#latest[on.number];
    const far = previous?.jump;
    this.#latest[on.number] = {
      package: on,
      said,
      known: (previous?.known ?? anything) & said,
      index,
      level,
      height: Math.max(previous?.height ?? 0, level),
      decided: decided ?? previous?.decided,
      cause,
      previous,
      // Two jumps of one length make one of twice that: so any step is a logarithm of jumps away.
      jump: far !== undefined && isTwice(previous, far) ? far.jump : previous,
      depth: previous === undefined ? 0 : previous.depth + 1,
      stands: true,
    };
  }
}

/** True where the step's jump and the jump after it go equally far. */
function isTwice(step: Assignment | undefined, far: Assignment): boolean {
  return far.jump !== undefined && (step?.depth ?? 0) - far.depth === far.depth - far.jump.depth;
}
