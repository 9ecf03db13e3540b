import semver from 'semver';

/**
 * The versions that `^` takes for compatible with one another, by the name of their range: `1` for 1.x,
 * `0.3` for 0.3.x, `0.0.4` for that version alone.
 */
export function compatibleLine(version: string): string {
  const { major, minor, patch } = semver.parse(version) ?? new semver.SemVer('0.0.0');
  if (major > 0) return `${major}`;
  return minor > 0 ? `0.${minor}` : `0.0.${patch}`;
}

/** The newest version of each range of compatible ones, newest first; pre-releases count where there is nothing else. */
export function newestOfLines(versions: readonly string[]): string[] {
  const newest = new Map<string, string>();
  for (const version of [...versions].sort(semver.rcompare)) {
    const line = compatibleLine(version);
    const before = newest.get(line);
    const isBetter =
      before === undefined || (semver.prerelease(before) !== null && semver.prerelease(version) === null);
    if (isBetter) newest.set(line, version);
  }
  return [...newest.values()].sort(semver.rcompare);
}

/** Whether a version is older than another. */
export function olderVersion(version: string, other: string): boolean {
  return semver.lt(version, other);
}

/** Versions, newest first. */
export function newestFirst(versions: readonly string[]): string[] {
  return [...versions].sort(semver.rcompare);
}

/** The version that who asks for any is given: the newest, a pre-release only where there is nothing else. */
export function newestForAny(versions: readonly string[]): string | undefined {
  const sorted = newestFirst(versions);
  return sorted.find((version) => semver.prerelease(version) === null) ?? sorted[0];
}

/** The newest published version that `version` claims to replace: earlier, and compatible with it. */
export function predecessor(version: string, published: Iterable<string>): string | undefined {
  const earlier = [...published].filter(
    (each) => semver.lt(each, version) && compatibleLine(each) === compatibleLine(version),
  );
  return newestOfLines(earlier)[0];
}
