import { explain } from './explain/explain.js';
import { type Objection, objectionsOf } from './explain/objections.js';
import { pursue } from './search/aims.js';
import { attempt, type Question } from './search/attempt.js';
import { closureOf } from './search/closure.js';
import { unlimited } from './search/limits.js';
import { Lookups } from './search/lookups.js';
import { LookupsNow } from './search/lookups-now.js';
import { Need } from './search/need.js';
import type { Root, Solution, SolveOptions, Universe } from './search/universe.js';
import { VersionReader } from './search/version.js';

/**
 * Finds the closure that the root asks for, or explains why there is none. The answer depends on the
 * root, the options and what the universe says, and on nothing else: not on the order of candidates,
 * nor on which answer comes first, nor on what is read before it has to be. Rejects only where the
 * universe does.
 * @throws TypeError where the universe has unread candidates and cannot read them.
 */
export async function solve(root: Root, universe: Universe, options: SolveOptions = {}): Promise<Solution> {
  const versions = new VersionReader();
  const lookups = new Lookups(universe, root, options, versions);
  const questions = solving(root, options, versions);
  let question = questions.next();
  for (; !question.done; question = questions.next()) await lookups.answer(question.value);
  return question.value;
}

/**
 * `solve` over a universe that answers at once.
 * @throws TypeError where the universe answers with a promise, or has unread candidates and cannot read them.
 */
export function solveSync(root: Root, universe: Universe, options: SolveOptions = {}): Solution {
  const versions = new VersionReader();
  const lookups = new LookupsNow(universe, root, options, versions);
  const questions = solving(root, options, versions);
  let question = questions.next();
  for (; !question.done; question = questions.next()) lookups.answer(question.value);
  return question.value;
}

/**
 * Who needs what, where that leaves no closure for the root: as few needs as will do, from what the universe says
 * without being read. Undefined where there is a closure, or where there may be one in what is not read.
 */
export async function objections(
  root: Root,
  universe: Universe,
  options: SolveOptions = {},
): Promise<readonly Objection[] | undefined> {
  const versions = new VersionReader();
  const lookups = new Lookups(universe, root, options, versions);
  const questions = attempt({ root, options, limits: unlimited }, versions);
  let question = questions.next();
  for (; !question.done; question = questions.next()) {
    if (question.value.need.unread.size > 0) return undefined;
    await lookups.answer(question.value);
  }
  const { world, outcome } = question.value;
  return outcome.kind === 'unsatisfiable' ? objectionsOf(outcome.proof, world) : undefined;
}

/** Yields what the universe is to be asked, and goes on once it has answered. */
function* solving(
  root: Root,
  options: SolveOptions,
  versions: VersionReader,
): Generator<Question, Solution, void> {
  const { world, outcome } = yield* pursue({ root, options }, versions);
  if (outcome.kind === 'solved') return { solved: true, closure: closureOf(world, outcome.solution) };
  const need = new Need();
  need.names = true;
  yield { world, need };
  const telling = explain(outcome, world);
  let told = telling.next();
  while (!told.done) told = telling.next(yield* attempt(told.value, versions, true));
  return { solved: false, failure: told.value };
}
