import {
  keptLock,
  lockedRules,
  type Resolution,
  type ResolveOptions,
  resolve,
  writeLockFile,
} from 'bunny-libos-resolver';
import { type LockedTarget, type ToolingRules, toolingRepository } from 'bunny-libos-spec';
import { type LockFlags, resolveOptions } from './lock-options.js';
import type { Use } from './use.js';
import { openStore, type Project } from './workspace.js';

/**
 * Brings the lock up to date with the Bunnyfile, as far as the flags allow, and gives the targets asked for. A dry run
 * writes nothing. While the lock need not change, nothing is waited for.
 */
export async function lockedTargets(
  project: Project,
  context: Use<LockFlags>,
  more: Partial<ResolveOptions> = {},
): Promise<Resolution> {
  return (await unchanged(project, context, more)) ?? (await changed(project, context, more));
}

/** What takes no change of a file: undefined where the Bunnyfile or the lock has to be written. */
async function unchanged(
  project: Project,
  context: Use<LockFlags>,
  more: Partial<ResolveOptions>,
): Promise<Resolution | undefined> {
  const { flags } = context;
  if (flags.dryRun) return renewed(project, context, more);
  if (isInferring(project, flags)) return undefined;
  return keptLock({ ...(await resolveOptions(project, context)), ...more });
}

async function changed(
  project: Project,
  context: Use<LockFlags>,
  more: Partial<ResolveOptions>,
): Promise<Resolution> {
  // What it is made of is loaded by those who change something.
  const { changeAlone } = await import('./project-lock.js');
  return changeAlone(project, context, () => renewed(project, context, more));
}

async function renewed(
  project: Project,
  context: Use<LockFlags>,
  more: Partial<ResolveOptions>,
): Promise<Resolution> {
  const { flags, terminal } = context;
  if (isInferring(project, flags)) {
    // Their code is loaded by those who leave it to Bunny to find their dependencies.
    const { writeInferred } = await import('./inferred-dependencies.js');
    const requirements = await writeInferred(project, context);
    context.onInferred?.(requirements, project.file);
    terminal.progress('resolving');
  }
  const resolution = await resolve({ ...(await resolveOptions(project, context)), ...more });
  if (resolution.changed && !flags.dryRun) await writeLockFile(project.lockFile, resolution.lock);
  return resolution;
}

function isInferring({ document }: Project, { frozen, offline }: LockFlags): boolean {
  return document.value.inferDependencies === true && !frozen && !offline;
}

/** The rules of the tooling layer that a target is locked to, where they can be had. */
export async function rulesOf(
  { bases, document }: Project,
  { tooling }: LockedTarget,
  { offline }: LockFlags,
): Promise<ToolingRules | undefined> {
  const sources = offline ? [] : bases.sources(tooling.from, document.value.framework, toolingRepository);
  return lockedRules(await openStore(), tooling, sources);
}
