import {
  accept,
  changeProject,
  LockRequest,
  type Project,
  propose,
  refusePrebuilt,
} from 'bunny-libos-project';
import { removeDependency } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { changeTable } from '../../terminal/change-table.js';
import { noteChoices } from '../../terminal/closure-notes.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny remove` */
export async function run(context: Context, words: string[]): Promise<number> {
  const names = [...new Set(words)];
  return changeProject(await namedProject(context), context.flags.dryRun, (project) =>
    remove(project, names, context),
  );
}

async function remove(project: Project, names: readonly string[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const text = names.reduce((edited, name) => removeDependency(edited, name, project.file), project.text);
  terminal.progress('resolving');
  const proposal = await propose(await LockRequest.openAll(project, flags), text);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  noteChoices(terminal, resolution);
  const closure = new Set(resolution.targets.flatMap(({ components }) => components.map(({ name }) => name)));
  const staying = names.filter((name) => closure.has(name));
  for (const name of staying)
    terminal.note(`${name} stays in the closure: \`bunny why ${name}\` says what needs it`);
  if (!flags.dryRun) await accept(proposal);
  if (changes.length > 0) terminal.report(changeTable(changes));
  for (const name of names) {
    terminal.done(flags.dryRun ? 'Would remove' : 'Removed', `${name} from ${shownPath(project.file)}`);
  }
  terminal.result({
    ...(names.length === 1 ? { name: names[0], stays: staying.length > 0 } : {}),
    names,
    staying,
    written: !flags.dryRun,
    changes,
    warnings: resolution.warnings,
  });
  return exitStatus.done;
}
