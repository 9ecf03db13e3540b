/**
 * Edits between two words: insertion, deletion, replacement, and exchange of two neighbours each count
 * one (optimal string alignment, the restricted Damerau-Levenshtein distance).
 */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, (beforePrevious[column - 2] ?? 0) + 1);
      }
      current.push(edits);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/**
 * The known words that `word` was probably meant to be, nearest first: at most `count`, none that
 * differs by more than a third of its letters. Case does not count. Ties keep the order of `known`.
 */
export function nearest(word: string, known: Iterable<string>, count = 3): string[] {
  if (word.length > 100) return [];
  const lower = word.toLowerCase();
  return [...known]
    .filter((candidate) => candidate.length <= 100)
    .map((candidate) => ({ candidate, edits: editDistance(lower, candidate.toLowerCase()) }))
    .filter(
      ({ candidate, edits }) => edits <= Math.max(1, Math.floor(Math.max(candidate.length, word.length) / 3)),
    )
    .sort((a, b) => a.edits - b.edits)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** `did you mean "a"?`, `did you mean "a" or "b"?`, or undefined where nothing is near. */
export function suggestion(word: string, known: Iterable<string>): string | undefined {
  const names = nearest(word, known).map((name) => JSON.stringify(name));
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`;
}
