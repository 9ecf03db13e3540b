import semver from 'semver';

/**
 * The range of what is in both ranges, as node-semver reads it. Alternatives are multiplied out, as `||` binds
 * weaker than a blank: `^1.0 || ^2.0` and `^1.5` come to what is in `^1.0` and `^1.5`, or in `^2.0` and `^1.5`.
 * Throws TypeError where one is no range.
 */
export function jointRange(left: string, right: string): string {
  if (left === right) return left;
  const [ours, theirs] = [left, right].map((range) => new semver.Range(range).set);
  const both = (ours ?? []).flatMap((each) => (theirs ?? []).map((other) => [...each, ...other]));
  return both
    .map((comparators) => {
      const bounds = new Set(comparators.map(({ value }) => value).filter((value) => value !== ''));
      return bounds.size === 0 ? '*' : [...bounds].join(' ');
    })
    .join(' || ');
}
