import { closureOf } from '../closure.js';
import type { Outcome } from '../search.js';
import type { Root, SolveOptions } from '../universe.js';
import type { World } from '../world.js';
import { type Fact, factsOf } from './core.js';
import { type Closure, type Edit, editsFor } from './edits.js';

/** Trials made for one failure, decisions that each may take, and suggestions given. */
const mostTrials = 40;
const trialBudget = 20_000;
const mostSuggestions = 3;

/** A root to be tried. */
export interface Trial {
  root: Root;
  options: SolveOptions;
}

/** What came of it. */
export interface Attempt {
  world: World;
  outcome: Outcome;
}

/**
 * The smallest changes to the Bunnyfile that lead to a closure, each of at most two edits, tried out
 * one by one. Changes that cost the user something are left out where others do.
 */
export function* suggest(
  world: World,
  facts: readonly Fact[],
  names: readonly string[],
): Generator<Trial, string[], Attempt> {
  const options = { ...world.options, budget: trialBudget };
  const failed: { edit: Edit; facts: readonly Fact[] }[] = [];
  const found: { text: string; name: string; loses: boolean }[] = [];
  let trials = 0;
  for (const edit of editsFor(world.root, facts, names)) {
    if (edit.broad && found.some(({ name }) => name === edit.name)) continue;
    if (found.length >= mostSuggestions || trials++ >= mostTrials) break;
    const result = read(yield { root: edit.root, options });
    if ('closure' in result)
      found.push({ text: edit.describe(result.closure), loses: edit.loses, name: edit.name });
    else failed.push({ edit, facts: result.facts });
  }
  for (const { edit, facts } of found.length > 0 ? [] : failed) {
    for (const other of editsFor(edit.root, facts, names)) {
      if (other.name === edit.name) continue;
      if (trials++ >= mostTrials) break;
      const result = read(yield { root: other.root, options });
      if (!('closure' in result)) continue;
      const text = `${edit.describe(result.closure)}, and ${other.describe(result.closure)}`;
      found.push({ text, loses: edit.loses || other.loses, name: edit.name });
      break;
    }
    if (found.length > 0) break;
  }
  const painless = found.filter(({ loses }) => !loses);
  return [...new Set((painless.length > 0 ? painless : found).map(({ text }) => text))];
}

function read({ world, outcome }: Attempt): { closure: Closure } | { facts: Fact[] } {
  if (outcome.kind === 'solved') return { closure: closureOf(world, outcome.state.solution) };
  return { facts: outcome.kind === 'unsatisfiable' ? factsOf(outcome.proof) : [] };
}
