import {
  accept,
  changeProject,
  inferFor,
  LockRequest,
  type Project,
  propose,
  refusePrebuilt,
} from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { changeTable } from '../../terminal/change-table.js';
import { noteChoices } from '../../terminal/closure-notes.js';
import { count } from '../../terminal/quantities.js';
import { requirementTable } from '../../terminal/requirement-table.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny add --auto` */
export async function run(context: Context): Promise<number> {
  return changeProject(await namedProject(context), context.flags.dryRun, (project) =>
    addAll(project, context),
  );
}

async function addAll(project: Project, context: Context): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const requests = await LockRequest.openAll(project, flags);
  if (requests.length > 1) throw severalFrameworks(project);
  const { requirements, text } = await inferFor(requests[0]);
  terminal.progress('resolving');
  const proposal = await propose(requests, text);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  noteChoices(terminal, resolution);
  if (!flags.dryRun) await accept(proposal);
  if (requirements.length > 0) terminal.report(requirementTable(requirements));
  if (changes.length > 0) terminal.report(changeTable(changes));
  terminal.done(
    flags.dryRun ? 'Would add' : 'Added',
    `${count(requirements.length, 'dependency', 'dependencies')} to ${shownPath(project.file)}`,
  );
  terminal.result({ requirements, written: !flags.dryRun, changes, warnings: resolution.warnings });
  return exitStatus.done;
}

function severalFrameworks({ document, frameworks }: Project): BunnyError {
  return new BunnyError(
    'BUNNY_EINFER',
    `what is to be added is for several frameworks: ${frameworks.join(', ')}`,
    {
      where: document.at(['targets']),
      hint: 'write what all need in `dependencies`, and what one needs in `frameworks.NAME.dependencies`',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}
