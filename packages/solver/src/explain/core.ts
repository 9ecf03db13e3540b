import { first } from '../search/candidate-set.js';
import type { Cause } from '../search/cause.js';
import type { Incompatibility } from '../search/incompatibility.js';
import { State } from '../search/state.js';

/** Checks, and steps of work of all of them, and decisions of each, to shorten one proof: it is made readable, not perfect. */
const mostChecks = 300;
const mostWork = 600_000;
/** Steps that a check takes for each fact, about. */
const workOfFact = 8;
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
  let work = 0;
  const isAffordable = () => checks < mostChecks && work + needed.length * workOfFact <= mostWork;
  for (let size = Math.ceil(needed.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = needed.length - size; at > -size && isAffordable(); at -= size) {
      const without = needed.filter((_, i) => i < at || i >= at + size);
      if (without.length === needed.length) continue;
      checks++;
      const check = contradict(without, mostWork - work);
      work += check.work;
      if (check.proof !== undefined) needed = without;
    }
  }
  return needed;
}

/** Why no closure fits the facts, as far as a short search tells, and the work of that. */
function contradict(
  facts: readonly Fact[],
  mostWork: number,
): { proof: Incompatibility | undefined; work: number } {
  const state = new State(mostWork);
  for (const fact of facts) state.add(fact);
  const packages = [...new Set(facts.flatMap(({ terms }) => terms.map((term) => term.package)))];
  for (let decisions = 0; decisions < mostDecisions; ) {
    const conflict = state.propagate();
    if (conflict !== undefined) {
      const proof = state.resolve(conflict);
      if (proof !== undefined) return { proof, work: state.work };
      continue;
    }
    const next = packages.find((each) => state.isPending(each));
    if (next === undefined || state.isSpent) break;
    state.solution.work += packages.length;
    decisions++;
    state.decide(next, first(state.solution.known(next)));
  }
  return { proof: undefined, work: state.work };
}
