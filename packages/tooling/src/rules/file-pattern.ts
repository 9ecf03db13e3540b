/**
 * True when a base name fits a pattern in which `*` stands for any characters and `?` for one. Takes time in
 * proportion to pattern times name, whatever the pattern: patterns come from tooling layers of others.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let token = 0;
  let afterStar: { at: number; token: number } | undefined;
  while (at < name.length) {
    if (pattern[token] === '*') {
      token += 1;
      afterStar = { at, token };
    } else if (pattern[token] === '?' || pattern[token] === name[at]) {
      token += 1;
      at += 1;
    } else if (afterStar !== undefined) {
      // Only the last star needs to take more: whatever an earlier one could take, this one can.
      afterStar.at += 1;
      ({ at, token } = afterStar);
    } else return false;
  }
  while (pattern[token] === '*') token += 1;
  return token === pattern.length;
}

/** True when a pattern takes only names that the other one takes too, and not all of them. */
export function isNarrower(pattern: string, other: string): boolean {
  return isWithin(pattern, other) && !isWithin(other, pattern);
}

function isWithin(pattern: string, other: string): boolean {
  // Read as a name, a star stands for one character: only another star takes all that it may stand for.
  return matchesPattern(pattern, other) && !(pattern.includes('*') && other.includes('?'));
}
