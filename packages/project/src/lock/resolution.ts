import { type LockChange, type Resolution, withLocks, writeLockFile } from 'bunny-libos-resolver';
import type { Lock, LockedTarget } from 'bunny-libos-spec';
import type { Project } from '../open/project.js';

/** What resolving a project came to, for all of its frameworks that are asked for. */
export interface ProjectResolution extends Omit<Resolution, 'lock'> {
  /** One for each of them. */
  locks: readonly Lock[];
  /** All targets of these. */
  targets: readonly LockedTarget[];
}

/** The resolutions of a project's parts as one. */
export function joinResolutions(all: readonly Resolution[]): ProjectResolution {
  return {
    locks: all.map(({ lock }) => lock),
    targets: all.flatMap(({ lock }) => lock.targets),
    wanted: all.flatMap(({ wanted }) => wanted),
    changed: all.some(({ changed }) => changed),
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
    held: all.flatMap(({ held }) => held),
    lowered: all.flatMap(({ lowered }) => lowered),
    solved: new Map(all.flatMap(({ solved }) => [...solved])),
  };
}

/** The same changes on several frameworks as one. */
export function joinChanges(all: readonly LockChange[]): LockChange[] {
  const found = new Map<string, LockChange>();
  for (const { targets, ...what } of all) {
    const key = JSON.stringify(what);
    found.set(key, { ...what, targets: [...(found.get(key)?.targets ?? []), ...targets] });
  }
  return [...found.values()];
}

/** Replaces what the lock of a project pins for the frameworks of these; what it pins for its others stays. */
export async function writeLocks(project: Project, locks: readonly Lock[]): Promise<void> {
  const { frameworks, lockFile } = project;
  const before = frameworks.length > 1 ? await project.locks({ merged: true }) : [];
  await writeLockFile(lockFile, withLocks(before, locks, frameworks));
}
