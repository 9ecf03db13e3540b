/**
 * Whether a pattern matches the canonical name of a repository, part by part: `*` stands for any characters of a part, `**`
 * for any number of parts. In time that grows with the product of their lengths, whatever they hold.
 */
export function matchesPattern(pattern: string, repository: string): boolean {
  return matchAll(partsOf(pattern), partsOf(repository), '**', matchesPart);
}

function matchesPart(pattern: string, part: string): boolean {
  return matchAll([...pattern], [...part], '*', (a, b) => a === b);
}

/** `oci:` stands by itself, as a host does: the directory that follows it is left out of names. */
function partsOf(text: string): string[] {
  const [, prefix, rest = ''] = /^(oci:)?(.*)$/s.exec(text) ?? [];
  return [...(prefix === undefined ? [] : [prefix]), ...rest.split('/')];
}

/** Matches items against a list in which `any` stands for any number of them. */
function matchAll(
  pattern: readonly string[],
  items: readonly string[],
  any: string,
  matches: (pattern: string, item: string) => boolean,
): boolean {
  let [at, next] = [0, 0];
  /** Where the last `any` stands, and the first item that it does not stand for yet. */
  let last: { at: number; next: number } | undefined;
  while (next < items.length) {
    const wanted = pattern[at];
    if (wanted === any) last = { at: at++, next };
    else if (wanted !== undefined && matches(wanted, items[next] ?? '')) {
      at++;
      next++;
    } else if (last !== undefined) {
      last = { at: last.at, next: last.next + 1 };
      at = last.at + 1;
      next = last.next;
    } else return false;
  }
  return pattern.slice(at).every((each) => each === any);
}
