import {
  type LockChange,
  lockedRules,
  type Resolution,
  type ResolveOptions,
  readLockFile,
  readMergedLockFile,
  resolve,
  writeLockFile,
} from '@bunny/resolver';
import { type LockedTarget, normaliseArchitecture, type ToolingRules } from '@bunny/spec';
import type { CommonFlags, Run } from './program.js';
import { table } from './terminal.js';
import { type BaseFlags, openStore, type Project } from './workspace.js';

/** Flags of commands that bring the lock up to date. */
export interface LockFlags extends CommonFlags, BaseFlags {
  file?: string;
  arch?: string[];
  platform?: string[];
  frozen?: boolean;
  offline?: boolean;
  strategy?: 'highest' | 'lowest';
}

/** What resolving a project takes, as the flags say it. */
export async function resolveOptions(
  project: Project,
  { flags, signal }: Pick<Run<LockFlags>, 'flags' | 'signal'>,
): Promise<ResolveOptions> {
  const { frozen, offline, strategy, arch, platform } = flags;
  return {
    bunnyfile: project.document,
    file: project.file,
    lockFile: project.lockFile,
    previous: await (frozen ? readLockFile : readMergedLockFile)(project.lockFile),
    bases: project.bases,
    store: await openStore(),
    filter: {
      ...(arch === undefined ? {} : { arch: arch.map(normaliseArchitecture) }),
      ...(platform === undefined ? {} : { platform }),
    },
    ...(frozen === undefined ? {} : { frozen }),
    ...(offline === undefined ? {} : { offline }),
    ...(strategy === undefined ? {} : { strategy }),
    signal,
  };
}

/** Brings the lock up to date with the Bunnyfile, as far as the flags allow, and gives the targets asked for. */
export async function lockedTargets(
  project: Project,
  context: Run<LockFlags>,
  more: Partial<ResolveOptions> = {},
): Promise<Resolution> {
  const { terminal } = context;
  terminal.progress('resolving');
  const resolution = await resolve({ ...(await resolveOptions(project, context)), ...more });
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
  terminal.clear();
  for (const warning of resolution.warnings) terminal.warn(warning);
  return resolution;
}

/** The rules of the tooling layer that a target is locked to, where the store has them. */
export async function rulesOf(target: LockedTarget): Promise<ToolingRules | undefined> {
  return lockedRules(await openStore(), target.tooling);
}

/** What became of the components of a lock, as a table. */
export function changeTable(changes: readonly LockChange[]): string {
  const rows = changes.map(({ name, targets, before, after, rebuilt }) => [
    `  ${before === undefined ? 'add' : after === undefined ? 'remove' : rebuilt ? 'variant' : 'update'}`,
    name,
    before ?? '',
    after ?? '',
    targets.join(' '),
  ]);
  return table(['  CHANGE', 'COMPONENT', 'FROM', 'TO', 'TARGETS'], rows);
}
