import { readFile } from 'node:fs/promises';
import { removeDependency } from '@bunny/resolver';
import { exitStatus } from '@bunny/spec';
import type { Run } from '../action.js';
import { accept, propose } from '../changed-bunnyfile.js';
import { changeTable, type LockFlags } from '../locking.js';
import { openProject, shownPath } from '../workspace.js';

interface Flags extends LockFlags {
  dryRun?: boolean;
}

export async function run(context: Run<Flags>, name: string): Promise<number> {
  const { flags, terminal } = context;
  const project = await openProject(flags.file, flags, terminal);
  const text = removeDependency(await readFile(project.file, 'utf8'), name, project.file);
  terminal.progress('resolving');
  const proposal = await propose(project, text, context);
  terminal.clear();
  const { changes, resolution } = proposal;
  for (const warning of resolution.warnings) terminal.warn(warning);
  const stays = resolution.lock.targets.some(({ components }) =>
    components.some((each) => each.name === name),
  );
  if (stays) terminal.note(`${name} stays in the closure: \`bunny why ${name}\` tells for whom`);
  if (!flags.dryRun) await accept(project, proposal);
  if (changes.length > 0) terminal.print(changeTable(changes));
  terminal.done(flags.dryRun ? 'Would remove' : 'Removed', `${name} from ${shownPath(project.file)}`);
  terminal.result({ name, written: !flags.dryRun, stays, changes, warnings: resolution.warnings });
  return exitStatus.done;
}
