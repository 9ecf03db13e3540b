import type { Members, Oracle } from './oracle.js';

/**
 * The one closure that is the answer, as the documentation says: whatever must be in it is looked at
 * in the order in which it is asked for, and gets the most preferred candidate with which there is a
 * closure. Undefined where there is none. `first` names what is looked at before all else, in that order.
 */
export function answerOf(
  oracle: Oracle,
  closures: readonly Members[] = oracle.closures(),
  first: readonly string[] = [],
): Members | undefined {
  let left = closures;
  if (left.length === 0) return undefined;
  const chosen = new Set<string>();
  const queue = [...first, ...oracle.rootAsks.map(({ name }) => name)];
  const asks = [...oracle.rootAsks];

  /** Leaves the closures that agree with the first choice with which there are any. */
  const choose = <T>(choices: readonly T[], agrees: (closure: Members, choice: T) => boolean): T => {
    for (const choice of choices) {
      const agreeing = left.filter((closure) => agrees(closure, choice));
      if (agreeing.length === 0) continue;
      left = agreeing;
      return choice;
    }
    throw new Error('no choice agrees with any closure');
  };
  const isProvided = (capability: string) =>
    [...chosen].some((name) => Object.hasOwn(left[0]?.get(name)?.provides ?? {}, capability));

  for (const done = new Set<string>(); ; ) {
    const next = queue.find((name) => !done.has(name) && !chosen.has(name) && !oracle.isOpen(name));
    if (next === undefined) {
      const open = queue.filter((name) => oracle.isOpen(name) && !isProvided(name));
      const able = open.map((name) => oracle.able(name, asks)).find(({ length }) => length === 1);
      if (able === undefined) return left[0];
      queue.push(...able);
    } else if (oracle.capability(next) !== undefined) {
      done.add(next);
      queue.push(
        choose(oracle.providers(next), (closure, each) => oracle.provider(next, closure)?.name === each),
      );
    } else {
      chosen.add(next);
      const member = choose(oracle.eligible(next), (closure, each) => closure.get(next) === each);
      const needs = oracle.asks(member).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      asks.push(...needs);
      queue.push(...needs.map(({ name }) => name));
    }
  }
}
