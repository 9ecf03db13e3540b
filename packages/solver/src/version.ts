import SemverRange from 'semver/classes/range.js';
import parseSemver from 'semver/functions/parse.js';

/** A parsed semver version. Build metadata has no say in precedence and is left out. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** Dot-separated identifiers; empty for a release. */
  prerelease: readonly (string | number)[];
}

/** Of candidates that are not read yet, where not even their versions are known. It may be in any range. */
export const unknownVersion: Version = { major: 0, minor: 0, patch: 0, prerelease: [] };

type Operator = '<' | '<=' | '>' | '>=' | '=';

interface Comparator {
  operator: Operator;
  version: Version;
}

/** Alternatives (`||`), each a list of comparators that must all hold. An empty list holds for every release. */
export type Range = readonly (readonly Comparator[])[];

const noPrerelease: readonly (string | number)[] = [];
const plain = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/;

/** Reads a version just as node-semver does. Undefined where it is not one. */
export function parseVersion(text: string): Version | undefined {
  const match = plain.exec(text);
  if (match !== null) {
    return {
      major: Number(match[1]),
      minor: Number(match[2]),
      patch: Number(match[3]),
      prerelease: noPrerelease,
    };
  }
  const version = parseSemver(text);
  if (version === null) return undefined;
  return {
    major: version.major,
    minor: version.minor,
    patch: version.patch,
    prerelease: version.prerelease,
  };
}

/** Semver precedence: negative where `a` is older than `b`, zero where neither is. */
export function compareVersions(a: Version, b: Version): number {
  return (
    a.major - b.major ||
    a.minor - b.minor ||
    a.patch - b.patch ||
    (a.prerelease.length === 0 && b.prerelease.length === 0
      ? 0
      : comparePrereleases(a.prerelease, b.prerelease))
  );
}

function comparePrereleases(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < a.length && i < b.length; i++) {
    const left = a[i] as string | number;
    const right = b[i] as string | number;
    if (left === right) continue;
    if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** Reads a range just as node-semver does. Undefined where it is not one. */
export function parseRange(text: string): Range | undefined {
  let range: SemverRange;
  try {
    range = new SemverRange(text);
  } catch {
    return undefined;
  }
  return range.set.map((comparators) =>
    comparators.flatMap(({ operator, semver }) => {
      // `*` is a comparator with a symbol for a version, whatever its type says.
      if (typeof (semver as unknown) === 'symbol') return [];
      const { major, minor, patch, prerelease } = semver;
      return [
        {
          operator: operator === '' ? '=' : (operator as Operator),
          version: { major, minor, patch, prerelease },
        },
      ];
    }),
  );
}

/** True where the version is in the range. A pre-release is only where a comparator names one of the same triple. */
export function inRange(version: Version, range: Range): boolean {
  return range.some(
    (comparators) =>
      comparators.every((comparator) => holds(comparator, version)) &&
      (version.prerelease.length === 0 ||
        comparators.some((comparator) => asksFor(comparator.version, version))),
  );
}

function holds({ operator, version }: Comparator, candidate: Version): boolean {
  const order = compareVersions(candidate, version);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '=':
      return order === 0;
  }
}

function asksFor(asked: Version, version: Version): boolean {
  return (
    asked.prerelease.length > 0 &&
    asked.major === version.major &&
    asked.minor === version.minor &&
    asked.patch === version.patch
  );
}

/** `inRange` for a text: false where it is no version. */
export function versionIn(text: string, range: Range): boolean {
  const version = parseVersion(text);
  return version !== undefined && inRange(version, range);
}

/** True where a record of capabilities and versions holds one in the range. */
export function providesIn(
  provides: Readonly<Record<string, string>> | undefined,
  capability: string,
  range: Range,
): boolean {
  if (provides === undefined || !Object.hasOwn(provides, capability)) return false;
  return versionIn(provides[capability] ?? '', range);
}

/** Reads each range once. A text that is no range is one that nothing is in. */
export class Ranges {
  readonly #read = new Map<string, Range>();

  get(text: string): Range {
    let range = this.#read.get(text);
    if (range === undefined) {
      range = parseRange(text) ?? [];
      this.#read.set(text, range);
    }
    return range;
  }
}
