import {
  type ClosureSource,
  closuresOf,
  type LockedProject,
  lockTargets,
  type Project,
} from 'bunny-libos-project';
import type { ClosureGraph, ResolveOptions } from 'bunny-libos-resolver';
import type { Run } from '../options/command.js';
import type { lockFlags } from '../options/flags.js';
import { namedProject } from './named-project.js';
import { needsNoLayers } from './needs-no-layers.js';

/** Brings the lock up to date as far as the flags allow, says what that comes to, and gives the targets asked for. */
export async function lockProject(
  project: Project,
  { flags, terminal }: Run<typeof lockFlags>,
  more: Partial<ResolveOptions> = {},
): Promise<LockedProject> {
  terminal.progress('resolving');
  const locked = await lockTargets(project, flags, more);
  terminal.clear();
  for (const warning of locked.warnings) terminal.warn(warning);
  if (locked.held.length > 0 || locked.lowered.length > 0) {
    // Only those who change a lock have something to say of what was chosen.
    const { noteChoices } = await import('../terminal/closure-notes.js');
    noteChoices(terminal, locked);
  }
  return locked;
}

/** The closures of the targets that the flags ask for, in the order of the lock, each with what it was read from. */
export async function lockedClosures(
  context: Run<typeof lockFlags>,
): Promise<Map<ClosureGraph, ClosureSource>> {
  const project = await namedProject(context);
  if (needsNoLayers(project, context.terminal, 'Read')) return new Map();
  return closuresOf(await lockProject(project, context, { lockAll: true }));
}
