import type { Lock } from '@bunny/spec';
import semver from 'semver';

/**
 * The range of what is compatible with the version that a lock has a component in: `^1.2.0`. Where its
 * targets have several, with the oldest. Undefined where none has the component.
 */
export function compatibleRange(lock: Lock, name: string): string | undefined {
  const versions = lock.targets.flatMap(({ components }) =>
    components.flatMap((component) => (component.name === name ? [component.version] : [])),
  );
  const [oldest] = semver.sort(versions);
  return oldest === undefined ? undefined : `^${oldest}`;
}
