import { readFile } from 'node:fs/promises';
import { compatibleRange, setDependency } from '@bunny/resolver';
import { BunnyError, exitStatus, isComponentName, isRange } from '@bunny/spec';
import type { Run } from '../action.js';
import { accept, type Proposal, propose } from '../changed-bunnyfile.js';
import { changeTable, type LockFlags } from '../locking.js';
import { openProject, type Project, shownPath } from '../workspace.js';

interface Flags extends LockFlags {
  dryRun?: boolean;
  auto?: boolean;
}

export async function run(context: Run<Flags>, word?: string): Promise<number> {
  const { flags, terminal } = context;
  if ((word === undefined) !== (flags.auto === true)) {
    throw new BunnyError('BUNNY_EUSAGE', 'one of NAME and --auto is needed', {
      hint: 'write `bunny add NAME`, or `bunny add --auto` for what the sources use',
      exitStatus: exitStatus.usage,
    });
  }
  if (word === undefined) return (await import('./add-auto.js')).run(context);
  const { name, range } = parse(word);
  const project = await openProject(flags.file, flags, terminal);
  terminal.progress('resolving');
  const proposal = await proposalFor(project, name, range, context);
  terminal.clear();
  for (const warning of proposal.resolution.warnings) terminal.warn(warning);
  if (!flags.dryRun) await accept(project, proposal);
  const written = proposal.document.value.dependencies[name]?.version ?? '*';
  if (proposal.changes.length > 0) terminal.print(changeTable(proposal.changes));
  terminal.done(flags.dryRun ? 'Would add' : 'Added', `${name} ${written} to ${shownPath(project.file)}`);
  const { changes, resolution } = proposal;
  terminal.result({ name, range: written, written: !flags.dryRun, changes, warnings: resolution.warnings });
  return exitStatus.done;
}

/** Without a range: what goes best with all else, and from then on what is compatible with that. */
async function proposalFor(
  project: Project,
  name: string,
  range: string | undefined,
  context: Run<LockFlags>,
): Promise<Proposal> {
  const text = await readFile(project.file, 'utf8');
  if (range !== undefined) return propose(project, setDependency(text, name, range, project.file), context);
  const open = await propose(project, setDependency(text, name, '*', project.file), context);
  const compatible = compatibleRange(open.resolution.lock, name);
  // A capability: its provider's version says nothing of it.
  if (compatible === undefined) return open;
  return propose(project, setDependency(text, name, compatible, project.file), context, open);
}

function parse(word: string): { name: string; range?: string } {
  const at = word.indexOf('@');
  const name = at < 0 ? word : word.slice(0, at);
  const range = at < 0 ? undefined : word.slice(at + 1);
  if (!isComponentName(name)) {
    throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(name)} cannot be a name of a component`, {
      hint: 'write NAME or NAME@RANGE: net, net@^1.2',
    });
  }
  if (range === undefined) return { name };
  if (!isRange(range)) {
    throw new BunnyError('BUNNY_ERANGE', `${JSON.stringify(range)} is not a range of versions`, {
      hint: 'write a range as node-semver reads it: net@^1.2, net@~1.2.3, "net@>=1 <3"',
    });
  }
  return { name, range };
}
