import { type Attempt, attempt, type Question, type Trial } from './attempt.js';
import { type Allowance, type Limits, unlimited } from './limits.js';
import { active } from './request.js';
import type { Cost } from './universe.js';
import type { VersionReader } from './version.js';

/** Decisions that one comparison of closures may take, and all of them together. */
const mostDecisions = 10_000;
const mostDecisionsOfAll = 50_000;
/** Steps of work that all of them together may take: a few seconds. Who finds none so is searched for without aims. */
const mostWork = 50_000_000;
/** Comparisons for one aim. */
const mostSearches = 50;

/**
 * Searches for the closure that meets the aims best, the first the first: each narrows down what the next ones are
 * sought among. What they leave open is answered as it is without them, but for what they name being decided
 * on first.
 */
export function* pursue(trial: Trial, versions: VersionReader): Generator<Question, Attempt, void> {
  const { aims = [] } = trial.options;
  if (aims.length === 0) return yield* attempt(trial, versions);
  const pursuit = new Pursuit(trial, versions);
  for (const aim of aims) {
    if (pursuit.isHopeless) break;
    if ('best' in aim) yield* pursuit.best(aim.best);
    else yield* pursuit.least(aim.least);
  }
  // Where there is no closure at all, what is told of it is the same as without aims.
  return pursuit.outcome ?? (yield* attempt(trial, versions));
}

class Pursuit {
  /** The closure that meets the aims so far. Undefined where there is none, as far as was searched. */
  outcome: Attempt | undefined;
  /** Not even just any closure was found. */
  isHopeless = false;
  readonly #trial: Trial;
  readonly #versions: VersionReader;
  /** The names of `best` that the root asks for. */
  readonly #asked: ReadonlySet<string>;
  #limits: Limits;
  #decisions = 0;
  #work = 0;

  constructor(trial: Trial, versions: VersionReader) {
    this.#trial = trial;
    this.#versions = versions;
    const { root, options } = trial;
    const asked = [root.requirements, root.base].flatMap((each) => active(each, undefined, root.settings));
    this.#asked = new Set(asked.map(({ name }) => name));
    const first = (options.aims ?? []).flatMap((aim) => ('best' in aim ? [aim.best] : []));
    this.#limits = { ...unlimited, first };
  }

  /** What is decided on first is as it should be in any closure that is found. Only what may be absent has to be called in. */
  *best(name: string): Generator<Question, void, void> {
    if (this.outcome === undefined) yield* this.#begin();
    if (this.outcome === undefined) return;
    if (!this.#asked.has(name)) {
      const limits = { ...this.#limits, present: [...this.#limits.present, name] };
      const found = yield* this.#search(limits);
      if (found === undefined) return;
      this.#limits = limits;
      this.outcome = found;
    }
    const id = chosen(this.outcome, name);
    if (id !== undefined)
      this.#limits = { ...this.#limits, fixed: new Map(this.#limits.fixed).set(name, id) };
  }

  *least(cost: Cost): Generator<Question, void, void> {
    let least = 0;
    if (this.outcome === undefined) {
      // Mostly there is a closure that costs nothing: one that keeps what is to be kept.
      this.outcome = yield* this.#search(this.#within({ cost, most: 0 }));
      least = this.outcome === undefined ? 1 : 0;
      if (this.outcome === undefined) yield* this.#begin();
      if (this.outcome === undefined) return;
    }
    let sum = total(this.outcome, cost);
    for (let searches = 0; least < sum && searches < mostSearches; searches++) {
      // What has to move is mostly little: from below, in steps that double.
      const most = Math.min(sum - 1, Math.max(0, 2 * least - 1));
      const found = yield* this.#search(this.#within({ cost, most }));
      if (found === undefined) least = most + 1;
      else {
        this.outcome = found;
        sum = total(found, cost);
      }
    }
    this.#limits = this.#within({ cost, most: sum });
  }

  *#begin(): Generator<Question, void, void> {
    this.outcome = yield* this.#search(this.#limits);
    this.isHopeless = this.outcome === undefined;
  }

  #within(allowance: Allowance): Limits {
    return { ...this.#limits, costs: [...this.#limits.costs, allowance] };
  }

  /** Undefined where there is no such closure, or none was found with the effort that is left. */
  *#search(limits: Limits): Generator<Question, Attempt | undefined, void> {
    const { root, options } = this.#trial;
    const left = mostDecisionsOfAll - this.#decisions;
    const work = Math.min(options.work ?? mostWork, mostWork) - this.#work;
    if (left <= 0 || work <= 0) return undefined;
    const budget = Math.min(options.budget ?? mostDecisions, mostDecisions, left);
    const made = yield* attempt({ root, options: { ...options, budget, work }, limits }, this.#versions);
    this.#decisions += made.outcome.decisions;
    this.#work += made.outcome.work;
    return made.outcome.kind === 'solved' ? made : undefined;
  }
}

/** The id of the candidate that a closure has of a component. */
function chosen({ world, outcome }: Attempt, name: string): string | undefined {
  if (outcome.kind !== 'solved') return undefined;
  const component = [...world.components].find((each) => each.name === name);
  if (component === undefined || !outcome.solution.isDecided(component)) return undefined;
  return component.candidate(outcome.solution.decided(component)).id;
}

/** What a closure costs. */
function total({ world, outcome }: Attempt, cost: Cost): number {
  if (outcome.kind !== 'solved') return 0;
  let sum = 0;
  for (const component of world.components) {
    if (!outcome.solution.isDecided(component)) continue;
    sum += cost(component.candidate(outcome.solution.decided(component)));
  }
  return sum;
}
