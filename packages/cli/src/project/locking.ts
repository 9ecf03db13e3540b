import { type ClosureSource, closuresOf, lockedTargets, type Project } from 'bunny-libos-project';
import type { ClosureGraph, Resolution, ResolveOptions } from 'bunny-libos-resolver';
import type { Run } from '../options/command.js';
import type { lockFlags } from '../options/flags.js';
import { count } from '../terminal/quantities.js';
import { shownPath } from '../terminal/shown-path.js';
import { namedProject } from './named-project.js';
import { needsNoLayers } from './prebuilt-kernel.js';

/** Brings the lock up to date as far as the flags allow, says what that comes to, and gives the targets asked for. */
export async function lockTargets(
  project: Project,
  context: Run<typeof lockFlags>,
  more: Partial<ResolveOptions> = {},
): Promise<Resolution> {
  const { flags, terminal } = context;
  terminal.progress('resolving');
  const resolution = await lockedTargets(
    project,
    {
      ...context,
      onInferred: (requirements, file) => {
        const written = flags.dryRun ? '' : `, wrote ${shownPath(file)}`;
        terminal.done('Inferred', `${count(requirements.length, 'dependency', 'dependencies')}${written}`);
        for (const { name, version } of requirements) terminal.note(`${name}: ${version}`);
      },
    },
    more,
  );
  terminal.clear();
  for (const warning of resolution.warnings) terminal.warn(warning);
  if (resolution.held.length > 0 || resolution.lowered.length > 0) {
    // Only those who change a lock have something to say of what was chosen.
    const { noteChoices } = await import('../terminal/closure-notes.js');
    noteChoices(terminal, resolution);
  }
  return resolution;
}

/** The closures of the targets that the flags ask for, in the order of the lock, each with what it was read from. */
export async function lockedClosures(
  context: Run<typeof lockFlags>,
): Promise<Map<ClosureGraph, ClosureSource>> {
  const project = await namedProject(context);
  if (needsNoLayers(project, context.terminal, 'Read')) return new Map();
  const { wanted } = await lockTargets(project, context, { lockAll: true });
  return closuresOf(project, wanted, context.flags);
}
