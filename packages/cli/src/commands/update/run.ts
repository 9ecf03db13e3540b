import { changeProject, type Project, proposeUpdate, writeLocks } from 'bunny-libos-project';
import { exitStatus } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { changeTable } from '../../terminal/change-table.js';
import { changesText, heldText, noteChoices, noteLowered } from '../../terminal/closure-notes.js';
import { count } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny update` */
export async function run(context: Context, names: string[]): Promise<number> {
  return changeProject(await namedProject(context), context.flags.dryRun, (project) =>
    updateAll(project, names, context),
  );
}

async function updateAll(project: Project, names: readonly string[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  if (needsNoLayers(project, terminal, 'Updated')) {
    terminal.result({ written: false, changes: [], warnings: [] });
    return exitStatus.done;
  }
  terminal.progress('resolving');
  const update = await proposeUpdate(project, flags, names);
  terminal.clear();
  const { targets, warnings, lowered, held, allHeld, alternatives, changes } = update;
  for (const warning of warnings) terminal.warn(warning);
  for (const each of held) terminal.note(heldText(each, targets.length));
  if (alternatives.length > 0) terminal.note(`with --allow-downgrade: ${changesText(alternatives)}`);
  if (names.length === 0) noteChoices(terminal, { held: allHeld, lowered, targets });
  else noteLowered(terminal, lowered);
  if (!flags.dryRun) await writeLocks(project, update.locks);
  if (changes.length > 0) terminal.report(changeTable(changes));
  const nothing = held.length === 0 ? 'nothing: everything is up to date' : 'nothing';
  const what = changes.length === 0 ? nothing : count(changes.length, 'component');
  terminal.done(flags.dryRun ? 'Would update' : 'Updated', `${what} in ${shownPath(project.lockFile)}`);
  terminal.result({
    lock: shownPath(project.lockFile),
    written: !flags.dryRun,
    changes,
    warnings,
    held: names.length === 0 ? allHeld : held,
    withAllowDowngrade: alternatives.length === 0 ? undefined : alternatives,
  });
  return exitStatus.done;
}
