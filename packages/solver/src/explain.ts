import type { Cause } from './cause.js';
import type { Incompatibility } from './incompatibility.js';
import type { Outcome } from './search.js';
import type { Failure } from './universe.js';
import { describe } from './words.js';
import type { World } from './world.js';

const mostLines = 12;

/** Puts a failed search into the user's words. */
export function explain(outcome: Exclude<Outcome, { kind: 'solved' }>, world: World): Failure {
  if (outcome.kind === 'budget') {
    return {
      kind: 'budget',
      summary: `no closure of ${world.root.name} was found within ${outcome.decisions} decisions`,
      lines: [],
      suggestions: [],
    };
  }
  return {
    kind: 'unsatisfiable',
    summary: `no closure meets what ${world.root.name} asks for`,
    lines: facts(outcome.proof).slice(0, mostLines).map(describe),
    suggestions: [],
  };
}

/** The facts that a proof rests on, each once. */
function facts(proof: Incompatibility): Cause[] {
  const found = new Set<Cause>();
  const seen = new Set<Incompatibility>();
  const open = [proof];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.cause.kind === 'derived') open.push(next.cause.right, next.cause.left);
    else found.add(next.cause);
  }
  return [...found];
}
