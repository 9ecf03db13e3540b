import { closureOf } from './closure.js';
import { type Attempt, explain, type Trial } from './explain/explain.js';
import { type Listing, list } from './listing.js';
import { Lookups } from './lookups.js';
import { search } from './search.js';
import type { Root, Solution, SolveOptions, Universe } from './universe.js';
import { Ranges } from './version.js';
import { World } from './world.js';

/**
 * Finds the closure that the root asks for, or explains why there is none. The answer depends on the
 * root, the options and what the universe says, and on nothing else: not on the order of candidates,
 * nor on which answer comes first. Rejects only where the universe does.
 */
export async function solve(root: Root, universe: Universe, options: SolveOptions = {}): Promise<Solution> {
  const lookups = new Lookups(universe, root, options);
  const ranges = new Ranges();
  const { world, outcome } = await attempt({ root, options }, lookups, ranges);
  if (outcome.kind === 'solved') return { solved: true, closure: closureOf(world, outcome.state.solution) };
  const telling = explain(outcome, world, (await universe.names?.()) ?? []);
  let told = telling.next();
  while (!told.done) told = telling.next(await attempt(told.value, lookups, ranges));
  return { solved: false, failure: told.value };
}

/**
 * `solve` over a universe that answers at once.
 * @throws TypeError where the universe answers with a promise.
 */
export function solveSync(root: Root, universe: Universe, options: SolveOptions = {}): Solution {
  const listings = new Map<string, Listing | undefined>();
  const listing = (name: string) => {
    if (!listings.has(name)) {
      const candidates = now(universe.candidates(name));
      listings.set(name, candidates && list(name, candidates, root, options));
    }
    return listings.get(name);
  };
  const ranges = new Ranges();
  const { world, outcome } = attemptSync({ root, options }, universe, listing, ranges);
  if (outcome.kind === 'solved') return { solved: true, closure: closureOf(world, outcome.state.solution) };
  const telling = explain(outcome, world, now(universe.names?.()) ?? []);
  let told = telling.next();
  while (!told.done) told = telling.next(attemptSync(told.value, universe, listing, ranges));
  return { solved: false, failure: told.value };
}

async function attempt({ root, options }: Trial, lookups: Lookups, ranges: Ranges): Promise<Attempt> {
  const world = new World(root, options, ranges);
  const steps = search(world);
  let step = steps.next();
  while (!step.done) {
    const capabilities = [...step.value.capabilities];
    const components = [...step.value.components];
    const [asCapabilities, asComponents] = await Promise.all([
      Promise.all(capabilities.map((name) => lookups.capability(name))),
      Promise.all(components.map((name) => lookups.component(name))),
    ]);
    // Learnt in the order of the question, whichever answer came first.
    for (const [i, name] of capabilities.entries()) world.learnCapability(name, asCapabilities[i]);
    for (const [i, name] of components.entries()) world.learnComponent(name, asComponents[i]);
    step = steps.next();
  }
  return { world, outcome: step.value };
}

function attemptSync(
  { root, options }: Trial,
  universe: Universe,
  listing: (name: string) => Listing | undefined,
  ranges: Ranges,
): Attempt {
  const world = new World(root, options, ranges);
  const steps = search(world);
  let step = steps.next();
  while (!step.done) {
    for (const name of step.value.capabilities) world.learnCapability(name, now(universe.capability(name)));
    for (const name of step.value.components) world.learnComponent(name, listing(name));
    step = steps.next();
  }
  return { world, outcome: step.value };
}

function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new TypeError('this universe answers later: use solve, not solveSync');
  return answer;
}
