/**
 * True when a name fits a pattern: `*` stands for any characters, `?` for one, `[a-z]` for one of a set and
 * `[!a-z]` for one outside it. Takes time in proportion to pattern times name, whatever the pattern: patterns
 * come from tooling layers of others.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  const tokens = pattern.match(/\[!?[^\]]+\]|./gsu) ?? [];
  let at = 0;
  let token = 0;
  let afterStar: { at: number; token: number } | undefined;
  while (at < name.length) {
    const current = tokens[token];
    if (current === '*') {
      token += 1;
      afterStar = { at, token };
    } else if (current !== undefined && fits(name[at] ?? '', current)) {
      token += 1;
      at += 1;
    } else if (afterStar !== undefined) {
      // Only the last star needs to take more: whatever an earlier one could take, this one can.
      afterStar.at += 1;
      ({ at, token } = afterStar);
    } else return false;
  }
  while (tokens[token] === '*') token += 1;
  return token === tokens.length;
}

function fits(character: string, token: string): boolean {
  if (token === '?' || token === character) return true;
  if (token.length < 3) return false;
  const isNegated = token[1] === '!';
  for (const [, low, high, single] of token.slice(isNegated ? 2 : 1, -1).matchAll(/(.)-(.)|(.)/gsu)) {
    if ((low ?? single ?? '') <= character && character <= (high ?? single ?? '')) return !isNegated;
  }
  return isNegated;
}
