import { compareText } from '../search/order.js';

/** The names that a misspelt one may have meant, nearest first: at most three. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const most = Math.max(1, Math.floor(name.length / 3));
  const rows: Rows = [[], [], []];
  const found = new Map<string, number>();
  for (const other of names) {
    if (other === name || Math.abs(name.length - other.length) > most) continue;
    const edits = distance(name, other, most, rows);
    if (edits <= most) found.set(other, edits);
  }
  return [...found]
    .map(([other, edits]) => ({ other, edits }))
    .sort((a, b) => a.edits - b.edits || compareText(a.other, b.other))
    .slice(0, 3)
    .map(({ other }) => other);
}

/** Insertions, deletions, replacements and exchanges of two neighbours from one text to another; anything above `most` where it is more. */
function distance(a: string, b: string, most: number, rows: Rows): number {
  let [earlier, row, next] = rows;
  let leastBefore = 0;
  for (let j = 0; j <= b.length; j++) row[j] = j;
  for (let i = 1; i <= a.length; i++) {
    next[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] as number;
      const before = row[j - 1] as number;
      const left = next[j - 1] as number;
      const isExchange = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchanged = isExchange ? (earlier[j - 2] as number) + 1 : Number.POSITIVE_INFINITY;
      const edits = Math.min(above + 1, left + 1, before + (a[i - 1] === b[j - 1] ? 0 : 1), exchanged);
      next[j] = edits;
      least = Math.min(least, edits);
    }
    if (least > most && leastBefore > most) return most + 1;
    leastBefore = least;
    [earlier, row, next] = [row, next, earlier];
  }
  return row[b.length] as number;
}

/** The last two rows of the table and the next one: used again for each of a hundred thousand names. */
type Rows = [number[], number[], number[]];
