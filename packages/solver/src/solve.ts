import { type Attempt, attempt, type Question, type Trial } from './attempt.js';
import { closureOf } from './closure.js';
import { explain } from './explain/explain.js';
import { type Listing, list } from './listing.js';
import { Lookups, readFrom } from './lookups.js';
import type { Need } from './need.js';
import type { Candidate, Root, Solution, SolveOptions, Universe } from './universe.js';
import { VersionReader } from './version.js';

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
  const run = async (trial: Trial, whole: boolean): Promise<Attempt> => {
    const questions = attempt(trial, versions, whole);
    let question = questions.next();
    for (; !question.done; question = questions.next()) await answer(question.value, lookups);
    return question.value;
  };
  const { world, outcome } = await run({ root, options }, false);
  if (outcome.kind === 'solved') return { solved: true, closure: closureOf(world, outcome.solution) };
  const telling = explain(outcome, world, (await universe.names?.()) ?? []);
  let told = telling.next();
  while (!told.done) told = telling.next(await run(told.value, true));
  return { solved: false, failure: told.value };
}

/**
 * `solve` over a universe that answers at once.
 * @throws TypeError where the universe answers with a promise, or has unread candidates and cannot read them.
 */
export function solveSync(root: Root, universe: Universe, options: SolveOptions = {}): Solution {
  const versions = new VersionReader();
  const listings = new Map<string, Listing | undefined>();
  const note = (name: string, candidates: readonly Candidate[] | undefined) => {
    const listing = candidates && list(name, candidates, root, options, versions);
    listings.set(name, listing);
    return listing;
  };
  const listing = (name: string) =>
    listings.has(name) ? listings.get(name) : note(name, now(universe.candidates(name)));
  const answerNow = ({ world, need }: Question) => {
    for (const name of need.capabilities) {
      unlessGuess(need, () => world.learnCapability(name, now(universe.capability(name))));
    }
    for (const name of need.components) unlessGuess(need, () => world.learnComponent(name, listing(name)));
    for (const [name, unread] of need.unread) note(name, now(readFrom(universe, unread)));
  };
  const run = (trial: Trial, whole: boolean): Attempt => {
    const questions = attempt(trial, versions, whole);
    let question = questions.next();
    for (; !question.done; question = questions.next()) answerNow(question.value);
    return question.value;
  };
  const { world, outcome } = run({ root, options }, false);
  if (outcome.kind === 'solved') return { solved: true, closure: closureOf(world, outcome.solution) };
  const telling = explain(outcome, world, now(universe.names?.()) ?? []);
  let told = telling.next();
  while (!told.done) told = telling.next(run(told.value, true));
  return { solved: false, failure: told.value };
}

async function answer({ world, need }: Question, lookups: Lookups): Promise<void> {
  const capabilities = [...need.capabilities];
  const components = [...need.components];
  const [asCapabilities, asComponents] = await Promise.all([
    Promise.allSettled(capabilities.map((name) => lookups.capability(name))),
    Promise.allSettled(components.map((name) => lookups.component(name))),
    Promise.all([...need.unread].map(([name, unread]) => lookups.read(name, unread))),
  ]);
  // Learnt in the order of the question, whichever answer came first.
  for (const [i, name] of capabilities.entries()) {
    unlessGuess(need, () => world.learnCapability(name, settled(asCapabilities[i])));
  }
  for (const [i, name] of components.entries()) {
    unlessGuess(need, () => world.learnComponent(name, settled(asComponents[i])));
  }
}

/** What fails for a guess fails again where it is needed, and only there it matters. */
function unlessGuess({ isGuess }: Need, learn: () => void): void {
  try {
    learn();
  } catch (error) {
    if (!isGuess) throw error;
  }
}

function settled<T>(answer: PromiseSettledResult<T> | undefined): T | undefined {
  if (answer?.status === 'rejected') throw answer.reason;
  return answer?.value;
}

function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new TypeError('this universe answers later: use solve, not solveSync');
  return answer;
}
