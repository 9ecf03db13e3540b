import { lockChanges, resolve, toolingName, writeLockFile } from '@bunny/resolver';
import { BunnyError, exitStatus, type Lock, suggestion } from '@bunny/spec';
import type { Run } from '../action.js';
import { changeTable } from '../change-table.js';
import { type LockFlags, resolveOptions } from '../lock-options.js';
import { count } from '../quantities.js';
import { openProject, shownPath } from '../workspace.js';

interface Flags extends LockFlags {
  dryRun?: boolean;
}

/** `bunny update` */
export async function run(context: Run<Flags>, names: string[]): Promise<number> {
  const { flags, terminal } = context;
  const project = await openProject(flags.file, flags, terminal);
  const options = await resolveOptions(project, context);
  const { previous } = options;
  if (previous !== undefined) requireLocked(names, previous, project.lockFile);
  terminal.progress('resolving');
  const { lock, warnings } = await resolve({
    ...options,
    renew: names.length === 0 ? 'all' : new Set(names),
  });
  terminal.clear();
  for (const warning of warnings) terminal.warn(warning);
  const changes = lockChanges(previous, lock);
  if (!flags.dryRun) await writeLockFile(project.lockFile, lock);
  if (changes.length > 0) terminal.report(changeTable(changes));
  const what = changes.length === 0 ? 'nothing: all is up to date' : count(changes.length, 'component');
  terminal.done(flags.dryRun ? 'Would update' : 'Updated', `${what} in ${shownPath(project.lockFile)}`);
  terminal.result({ lock: shownPath(project.lockFile), written: !flags.dryRun, changes, warnings });
  return exitStatus.done;
}

function requireLocked(names: readonly string[], lock: Lock, lockFile: string): void {
  const locked = new Set(lock.targets.flatMap(({ components }) => components.map(({ name }) => name)));
  const unknown = names.find((name) => !locked.has(name));
  if (unknown === undefined) return;
  throw new BunnyError('BUNNY_ENOTFOUND', `bunny.lock has no component ${unknown}`, {
    where: lockFile,
    hint:
      unknown === toolingName
        ? 'the tooling layer is updated by `bunny update` without names'
        : (suggestion(unknown, locked) ?? '`bunny tree` shows what is there'),
    exitStatus: exitStatus.unsatisfiable,
  });
}
