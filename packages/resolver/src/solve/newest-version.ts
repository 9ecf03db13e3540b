import { type Components, compatibleLine } from 'bunny-libos-namespace';
import type { Lock } from 'bunny-libos-spec';
import semver from 'semver';

/** The newest version of a component that is neither a pre-release nor yanked; undefined where there is none. Throws what the registry throws. */
export async function newestVersion(
  components: Pick<Components, 'component'>,
  name: string,
): Promise<string | undefined> {
  const component = await components.component(name);
  return component?.repository.versions.find(
    (version) => semver.prerelease(version) === null && !component.repository.isYanked(version),
  );
}

/** A component of a lock that is older than the newest version. */
export interface OlderInLock {
  name: string;
  /** In the lock; of several the oldest. */
  version: string;
  newest: string;
  /** Versions that `^` does not take for compatible lie between. */
  far: boolean;
}

/** Undefined where the lock has the newest version of a component, or none. Throws what the registry throws. */
export async function olderInLock(
  lock: Lock,
  name: string,
  components: Pick<Components, 'component'>,
): Promise<OlderInLock | undefined> {
  const locked = lock.targets.flatMap((target) =>
    target.components.flatMap((component) => (component.name === name ? component.version : [])),
  );
  const [version] = semver.sort(locked);
  if (version === undefined) return undefined;
  const newest = await newestVersion(components, name);
  if (newest === undefined || semver.lte(newest, version)) return undefined;
  return { name, version, newest, far: compatibleLine(version) !== compatibleLine(newest) };
}
