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

export interface Comparator {
  operator: Operator;
  version: Version;
}

/** Alternatives (`||`), each a list of comparators that must all hold. An empty list holds for every release. */
export type Range = readonly (readonly Comparator[])[];

const noPrerelease: readonly (string | number)[] = [];
// What nearly all texts look like: node-semver takes ten times as long for them.
const plain = /^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/;
const plainComparator = /^(\^|~|[<>]=?|=)?(\d.*)$/;

/** Reads a version just as node-semver does. Undefined where it is not one. */
export function parseVersion(text: string): Version | undefined {
  const version = parsePlain(text);
  if (version !== undefined) return version;
  const parsed = parseSemver(text);
  if (parsed === null) return undefined;
  const { major, minor, patch, prerelease } = parsed;
  return { major, minor, patch, prerelease };
}

function parsePlain(text: string): Version | undefined {
  const match = plain.exec(text);
  if (match === null) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    patch: Number(match[3]),
    prerelease: noPrerelease,
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
  const plain = parsePlainRange(text);
  if (plain !== undefined) return [plain];
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

/** Comparators with whole versions, a space between them. Undefined for all other ranges. */
function parsePlainRange(text: string): Comparator[] | undefined {
  const comparators: Comparator[] = [];
  for (const part of text.split(' ')) {
    const match = plainComparator.exec(part);
    const version = parsePlain(match?.[2] ?? '');
    if (match === null || version === undefined) return undefined;
    const operator = match[1] ?? '=';
    if (operator !== '^' && operator !== '~') comparators.push({ operator: operator as Operator, version });
    else {
      const below = operator === '^' ? nextBreaking(version) : nextMinor(version);
      comparators.push({ operator: '>=', version }, { operator: '<', version: below });
    }
  }
  return comparators;
}

const lowest: readonly (string | number)[] = [0];

function nextBreaking(version: Version): Version {
  const { major, minor, patch } = version;
  if (major > 0) return { major: major + 1, minor: 0, patch: 0, prerelease: lowest };
  return minor > 0 ? nextMinor(version) : { major, minor, patch: patch + 1, prerelease: lowest };
}

function nextMinor({ major, minor }: Version): Version {
  return { major, minor: minor + 1, patch: 0, prerelease: lowest };
}

/** True where the version is in the range. A pre-release is only where a comparator names one of the same triple. */
export function inRange(version: Version, range: Range): boolean {
  // By index, here and below: asked for each candidate there is, iterators would be most of the work.
  for (let i = 0; i < range.length; i++) {
    if (inAll(version, range[i] as readonly Comparator[])) return true;
  }
  return false;
}

function inAll(version: Version, comparators: readonly Comparator[]): boolean {
  let isAskedFor = version.prerelease.length === 0;
  for (let i = 0; i < comparators.length; i++) {
    const comparator = comparators[i] as Comparator;
    if (!holds(comparator, version)) return false;
    if (!isAskedFor) isAskedFor = asksFor(comparator.version, version);
  }
  return isAskedFor;
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

/** Reads each text once: variants share versions, as components of one release do. A text that is no range is one that nothing is in. */
export class VersionReader {
  readonly #versions = new Map<string, Version | undefined>();
  readonly #ranges = new Map<string, Range>();

  version(text: string): Version | undefined {
    let version = this.#versions.get(text);
    if (version === undefined) {
      version = parseVersion(text);
      this.#versions.set(text, version);
    }
    return version;
  }

  range(text: string): Range {
    let range = this.#ranges.get(text);
    if (range === undefined) {
      range = parseRange(text) ?? [];
      this.#ranges.set(text, range);
    }
    return range;
  }
}
