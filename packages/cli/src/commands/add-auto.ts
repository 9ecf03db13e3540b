import { exitStatus } from '@bunny/spec';
import type { Run } from '../action.js';
import { changeTable } from '../change-table.js';
import { accept, changeProject, propose } from '../changed-bunnyfile.js';
import { noteChoices } from '../closure-notes.js';
import { inferFor, requirementTable } from '../inferred-dependencies.js';
import type { LockFlags } from '../lock-options.js';
import { refusePrebuilt } from '../prebuilt-kernel.js';
import { count } from '../quantities.js';
import { type Project, shownPath } from '../workspace.js';

/** `bunny add --auto` */
export async function run(context: Run<LockFlags>): Promise<number> {
  return changeProject(context, (project) => addAll(project, context));
}

async function addAll(project: Project, context: Run<LockFlags>): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const { requirements, text } = await inferFor(project, context);
  terminal.progress('resolving');
  const proposal = await propose(project, text, context);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  noteChoices(terminal, resolution);
  if (!flags.dryRun) await accept(project, proposal);
  if (requirements.length > 0) terminal.report(requirementTable(requirements));
  if (changes.length > 0) terminal.report(changeTable(changes));
  terminal.done(
    flags.dryRun ? 'Would add' : 'Added',
    `${count(requirements.length, 'dependency', 'dependencies')} to ${shownPath(project.file)}`,
  );
  terminal.result({ requirements, written: !flags.dryRun, changes, warnings: resolution.warnings });
  return exitStatus.done;
}
