import { exitStatus } from '@bunny/spec';
import type { Run } from '../action.js';
import { accept, propose } from '../changed-bunnyfile.js';
import { inferFor, requirementTable } from '../inferred-dependencies.js';
import { changeTable, type LockFlags } from '../locking.js';
import { count } from '../terminal.js';
import { openProject, shownPath } from '../workspace.js';

/** `bunny add --auto` */
export async function run(context: Run<LockFlags & { dryRun?: boolean }>): Promise<number> {
  const { flags, terminal } = context;
  const project = await openProject(flags.file, flags, terminal);
  const { requirements, text } = await inferFor(project, context);
  terminal.progress('resolving');
  const proposal = await propose(project, text, context);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  if (!flags.dryRun) await accept(project, proposal);
  if (requirements.length > 0) terminal.print(requirementTable(requirements));
  if (changes.length > 0) terminal.print(changeTable(changes));
  terminal.done(
    flags.dryRun ? 'Would add' : 'Added',
    `${count(requirements.length, 'requirement')} to ${shownPath(project.file)}`,
  );
  terminal.result({ requirements, written: !flags.dryRun, changes, warnings: resolution.warnings });
  return exitStatus.done;
}
