import type { Attempt, Trial } from '../search/attempt.js';
import { closureOf } from '../search/closure.js';
import type { Root } from '../search/universe.js';
import type { World } from '../search/world.js';
import { type Fact, factsOf } from './core.js';
import { type Closure, type Edit, editsFor } from './edits.js';

/** Trials made for one failure, decisions and steps of work that all of them together may take, and suggestions given. */
const mostTrials = 40;
const mostDecisions = 30_000;
const mostWork = 8_000_000;
const mostSuggestions = 3;

/**
 * The smallest changes to the Bunnyfile that lead to a closure, each of at most two edits, tried out
 * one by one. Changes that cost the user something are left out where others do.
 */
export function* suggest(
  world: World,
  facts: readonly Fact[],
  names: readonly string[],
): Generator<Trial, string[], Attempt> {
  let budget = Math.min(mostDecisions, world.options.budget ?? mostDecisions);
  let work = Math.min(mostWork, world.options.work ?? mostWork);
  let trials = 0;
  function* attempt(root: Root): Generator<Trial, Result, Attempt> {
    if (trials++ >= mostTrials || budget <= 0 || work <= 0) return { facts: [] };
    const { world: tried, outcome } = yield { root, options: { ...world.options, budget, work } };
    budget -= outcome.decisions;
    work -= outcome.work;
    if (outcome.kind === 'solved') return { closure: closureOf(tried, outcome.solution) };
    return { facts: outcome.kind === 'unsatisfiable' ? factsOf(outcome.proof) : [] };
  }

  /** What the user is told, tried to the letter where it is not what was tried before. */
  function* told(edits: readonly Edit[], closure: Closure): Generator<Trial, string | undefined, Attempt> {
    const instructions = edits.map((edit) => edit.instruct(closure));
    const isTried = instructions.every(({ change }, i) => change === edits[i]?.change);
    const root = instructions.reduce((changed, { change }) => change(changed), world.root);
    if (!isTried && (yield* attempt(root)).closure === undefined) return undefined;
    return instructions.map(({ text }) => text).join(', and ');
  }

  const failed: { edit: Edit; root: Root; facts: readonly Fact[] }[] = [];
  const found: { text: string; name: string; loses: boolean }[] = [];
  for (const edit of editsFor(world.root, facts, names)) {
    if (edit.broad && found.some(({ name }) => name === edit.name)) continue;
    if (found.length >= mostSuggestions) break;
    const root = edit.change(world.root);
    const result = yield* attempt(root);
    if (result.closure === undefined) failed.push({ edit, root, facts: result.facts });
    else {
      const text = yield* told([edit], result.closure);
      if (text !== undefined) found.push({ text, loses: edit.loses, name: edit.name });
    }
  }
  for (const { edit, root, facts } of found.length > 0 ? [] : failed) {
    for (const other of editsFor(root, facts, names)) {
      if (other.name === edit.name) continue;
      const { closure } = yield* attempt(other.change(root));
      const text = closure && (yield* told([edit, other], closure));
      if (text === undefined) continue;
      found.push({ text, loses: edit.loses || other.loses, name: edit.name });
      break;
    }
    if (found.length > 0) break;
  }
  const painless = found.filter(({ loses }) => !loses);
  return [...new Set((painless.length > 0 ? painless : found).map(({ text }) => text))];
}

/** A closure, or the facts that stand against one: none where the effort for it was spent. */
type Result = { closure: Closure } | { closure?: undefined; facts: readonly Fact[] };
