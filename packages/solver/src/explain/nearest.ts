import { compareText } from '../order.js';

/** The names that a misspelt one may have meant, nearest first: at most three. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const most = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(names)]
    .filter((other) => other !== name)
    .map((other) => ({ other, edits: distance(name, other, most) }))
    .filter(({ edits }) => edits <= most)
    .sort((a, b) => a.edits - b.edits || compareText(a.other, b.other))
    .slice(0, 3)
    .map(({ other }) => other);
}

/** Insertions, deletions, replacements and exchanges of two neighbours from one text to another; anything above `most` where it is more. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let earlier: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] as number;
      const before = row[j - 1] as number;
      const left = next[j - 1] as number;
      const isExchange = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? (earlier[j - 2] as number) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(above + 1, left + 1, before + (a[i - 1] === b[j - 1] ? 0 : 1), exchanged));
    }
    [earlier, row] = [row, next];
  }
  return row[b.length] as number;
}
