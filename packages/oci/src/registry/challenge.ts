/** One challenge of a `WWW-Authenticate` header (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  scheme: string;
  /** Names in lower case. */
  parameters: ReadonlyMap<string, string>;
}

const space = /[\t ]*/y;
const tokenPattern = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const quotedPattern = /"([^"\\]*(?:\\.[^"\\]*)*)"?/sy;
// Registries exist that leave out the quotes, around URLs and around `scope=repository:x:pull,push`.
const barePattern = /(?:[^\s,"]|,(?=(?:pull|push|delete|\*)(?:[\s,]|$)))*/y;

/**
 * Takes the challenges of a header apart. Several may stand in one header, divided by the same commas
 * as their parameters; quoting may be missing, unfinished or needless. What cannot be read is skipped.
 */
export function parseChallenges(header: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match[1] ?? match[0];
  };
  while (at < header.length) {
    take(space);
    if (header[at] === ',') {
      at++;
      continue;
    }
    const word = take(tokenPattern);
    if (word === undefined) {
      at++;
      continue;
    }
    take(space);
    const current = found.at(-1);
    if (header[at] !== '=') {
      found.push({ scheme: word.toLowerCase(), parameters: new Map() });
      continue;
    }
    at++;
    take(space);
    const value =
      header[at] === '"' ? (take(quotedPattern) ?? '').replace(/\\(.)/gs, '$1') : (take(barePattern) ?? '');
    const name = word.toLowerCase();
    if (current !== undefined && !current.parameters.has(name)) current.parameters.set(name, value);
  }
  return found;
}
