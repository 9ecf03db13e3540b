/**
 * Whether a licence expression of SPDX can be met with the licences that are allowed: of `A OR B` by one, of `A AND B` by
 * both. `A WITH exception` is a name of its own, and allowed where A is. Nothing, and what is no expression, is not. Pure.
 */
export function isLicenseAllowed(license: string | undefined, allowed: readonly string[]): boolean {
  const tokens = license?.match(/[()]|[^\s()]+/g) ?? [];
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  let at = 0;
  const next = () => tokens[at]?.toUpperCase();
  const one = (): boolean | undefined => {
    const token = tokens[at++];
    if (token === undefined || /^(?:\)|AND|OR|WITH)$/i.test(token)) return undefined;
    if (token === '(') {
      const inner = either();
      if (tokens[at++] !== ')') return undefined;
      return inner;
    }
    if (next() === 'WITH') {
      const exception = tokens[at + 1];
      if (exception === undefined) return undefined;
      at += 2;
      if (names.has(`${token} with ${exception}`.toLowerCase())) return true;
    }
    return names.has(token.toLowerCase());
  };
  const joined = (
    word: string,
    part: () => boolean | undefined,
    join: (a: boolean, b: boolean) => boolean,
  ) => {
    let result = part();
    while (result !== undefined && next() === word) {
      at++;
      const right = part();
      result = right === undefined ? undefined : join(result, right);
    }
    return result;
  };
  const both = () => joined('AND', one, (a, b) => a && b);
  const either = (): boolean | undefined => joined('OR', both, (a, b) => a || b);
  return either() === true && at === tokens.length;
}
