/**
 * The order of texts wherever one is wanted: by UTF-16 code unit, as `Array.prototype.sort` has it without a
 * comparator. It is the same on every machine, which an order by language is not.
 */
export function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The order of things by a text that each of them has: `sort(byText(({ name }) => name))`. */
export function byText<T>(textOf: (item: T) => string): (left: T, right: T) => number {
  return (left, right) => byCodeUnit(textOf(left), textOf(right));
}
