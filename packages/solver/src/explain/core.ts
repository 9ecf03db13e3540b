import { first } from '../candidate-set.js';
import type { Cause } from '../cause.js';
import type { Incompatibility } from '../incompatibility.js';
import { State } from '../state.js';

/** Checks and decisions spent on shortening one proof: it is made readable, not perfect. */
const mostChecks = 300;
const mostDecisions = 500;

/** An incompatibility that is a fact of the universe or the root, not derived. */
export type Fact = Incompatibility & { cause: Cause };

/** The facts that a proof rests on, each once, in the order in which the proof uses them. */
export function factsOf(proof: Incompatibility): Fact[] {
  const facts = new Set<Fact>();
  const seen = new Set<Incompatibility>();
  const open = [proof];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.cause.kind === 'derived') for (const each of next.cause.from.toReversed()) open.push(each);
    else facts.add(next as Fact);
  }
  return [...facts];
}

/** As few of the facts as still exclude every closure: none of them can be left out, where the effort allows it. */
export function core(facts: readonly Fact[]): Fact[] {
  let needed = [...facts];
  let checks = 0;
  for (let size = Math.ceil(needed.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = needed.length - size; at > -size && checks < mostChecks; at -= size) {
      const without = needed.filter((_, i) => i < at || i >= at + size);
      checks++;
      if (without.length < needed.length && contradict(without)) needed = without;
    }
  }
  return needed;
}

/** True where no closure fits the facts, as far as a short search tells. */
function contradict(facts: readonly Fact[]): boolean {
  const state = new State();
  for (const fact of facts) state.add(fact);
  const packages = [...new Set(facts.flatMap(({ terms }) => terms.map((term) => term.package)))];
  for (let decisions = 0; decisions < mostDecisions; ) {
    const conflict = state.propagate();
    if (conflict !== undefined) {
      if (state.resolve(conflict) !== undefined) return true;
      continue;
    }
    const next = packages.find((each) => state.isPending(each));
    if (next === undefined) return false;
    decisions++;
    state.decide(next, first(state.solution.known(next)));
  }
  return false;
}
