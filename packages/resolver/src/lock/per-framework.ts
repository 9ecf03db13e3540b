import type { Bunnyfile, Lock } from 'bunny-libos-spec';

/**
 * What a project's lock pins for one of its frameworks, which `bunnyfile` is about; undefined where it pins nothing for
 * that yet. A lock that is for none of the project's `frameworks` comes back as it is: whoever asks for more is told so.
 */
export function lockFor(
  locks: readonly Lock[],
  { framework, isOneOfSeveral }: Pick<Bunnyfile, 'framework' | 'isOneOfSeveral'>,
  frameworks: readonly string[],
): Lock | undefined {
  const own = locks.find((lock) => lock.framework === framework);
  if (own === undefined) {
    return locks.some((lock) => frameworks.includes(lock.framework)) ? undefined : locks[0];
  }
  return isOneOfSeveral ? { ...own, targets: own.targets.map((target) => ({ ...target, framework })) } : own;
}

/** The locks of a project with these in place of what it had for the same frameworks, and nothing for others than its own. */
export function withLocks(
  locks: readonly Lock[],
  changed: readonly Lock[],
  frameworks: readonly string[],
): Lock[] {
  const kept = locks.filter(
    ({ framework }) =>
      frameworks.includes(framework) && !changed.some((each) => each.framework === framework),
  );
  return [...kept, ...changed];
}
