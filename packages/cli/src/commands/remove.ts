import { removeDependency } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import type { Run } from '../options/action.js';
import { accept, changeProject, propose } from '../project/changed-bunnyfile.js';
import type { LockFlags } from '../project/lock-options.js';
import { refusePrebuilt } from '../project/prebuilt-kernel.js';
import { type Project, shownPath } from '../project/workspace.js';
import { changeTable } from '../terminal/change-table.js';
import { noteChoices } from '../terminal/closure-notes.js';

/** `bunny remove` */
export async function run(context: Run<LockFlags>, name: string): Promise<number> {
  return changeProject(context, (project) => remove(project, name, context));
}

async function remove(project: Project, name: string, context: Run<LockFlags>): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const text = removeDependency(project.text, name, project.file);
  terminal.progress('resolving');
  const proposal = await propose(project, text, context);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  noteChoices(terminal, resolution);
  const stays = resolution.lock.targets.some(({ components }) =>
    components.some((each) => each.name === name),
  );
  if (stays) terminal.note(`${name} stays in the closure: \`bunny why ${name}\` tells for whom`);
  if (!flags.dryRun) await accept(project, proposal);
  if (changes.length > 0) terminal.report(changeTable(changes));
  terminal.done(flags.dryRun ? 'Would remove' : 'Removed', `${name} from ${shownPath(project.file)}`);
  terminal.result({ name, written: !flags.dryRun, stays, changes, warnings: resolution.warnings });
  return exitStatus.done;
}
