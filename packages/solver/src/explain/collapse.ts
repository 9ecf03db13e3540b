import type { Package } from '../search/package.js';
import { grouped } from './grouped.js';
import { some } from './words.js';

/** One line of a story: what something needs. Only a dozen of them are ever read, so the words are found when they are. */
export interface Line {
  text: () => string;
  /** The same without who needs it: `needs libc ^2.0`. Undefined for a line that ends a chain. */
  tail: (() => string) | undefined;
  /** What the line is about; undefined for the root. */
  from: Package | undefined;
  /** What it leads to. */
  to: Package | undefined;
}

/** A line that is shown, and those that it is made of. */
export interface Told {
  parts: readonly Line[];
  text: () => string;
}

/** Chains of this many lines become one line in any case. */
const longChain = 4;

/**
 * Joins chains of lines, each of which says the only thing about just what the one before leads to:
 * long chains always, others where there are more lines than there is room for. Returns the lines
 * that each new line is made of, and its text.
 */
export function collapse(lines: readonly Line[], room: number): Told[] {
  const chains: Line[][] = [];
  const from = grouped(lines, (line) => line.from);
  const to = grouped(lines, (line) => line.to);
  const isOnly = (item: Package) => from.get(item)?.length === 1 && to.get(item)?.length === 1;
  for (const line of lines) {
    const chain = chains.at(-1);
    const last = chain?.at(-1);
    if (chain !== undefined && last !== undefined && follows(last, line, isOnly)) chain.push(line);
    else chains.push([line]);
  }
  const crowded = lines.length > room;
  return chains.flatMap((chain) => {
    if (crowded || chain.length >= longChain) return [{ parts: chain, text: () => told(chain) }];
    return chain.map((line) => ({ parts: [line], text: line.text }));
  });
}

function follows(last: Line, line: Line, isOnly: (item: Package) => boolean): boolean {
  return (
    last.tail !== undefined &&
    line.tail !== undefined &&
    last.to !== undefined &&
    last.to === line.from &&
    isOnly(last.to)
  );
}

function told(chain: readonly Line[]): string {
  const [head, ...rest] = chain as readonly [Line, ...Line[]];
  if (rest.length < longChain - 1) return [head.text(), ...rest.map(({ tail }) => tail?.())].join(', which ');
  const names = rest.slice(0, -1).map(({ to }) => to?.name ?? '');
  return `${head.text()}, which through ${some(names)} ${rest.at(-1)?.tail?.() ?? ''}`;
}
