import type { Namespace } from 'bunny-libos-namespace';
import { compatibleRange, type HeldBack, setDependency } from 'bunny-libos-resolver';
import {
  BunnyError,
  exitStatus,
  isComponentName,
  isRange,
  own,
  shellLine,
  suggestion,
} from 'bunny-libos-spec';
import type { Run } from '../options/action.js';
import {
  accept,
  changeProject,
  componentsFor,
  type Proposal,
  propose,
} from '../project/changed-bunnyfile.js';
import type { LockFlags } from '../project/lock-options.js';
import { refusePrebuilt } from '../project/prebuilt-kernel.js';
import { type Project, shownPath } from '../project/workspace.js';
import { changeTable } from '../terminal/change-table.js';
import { heldText, noteLowered, preferText } from '../terminal/closure-notes.js';

interface Flags extends LockFlags {
  auto?: boolean;
}

/** `bunny add` */
export async function run(context: Run<Flags>, word?: string): Promise<number> {
  const { flags } = context;
  if (word === undefined && !flags.auto) {
    throw new BunnyError('BUNNY_EUSAGE', 'no dependency to add is named', {
      where: 'bunny add',
      hint: 'write `bunny add NAME`, or `bunny add --auto` for what the sources use',
      exitStatus: exitStatus.usage,
    });
  }
  if (word === undefined) return (await import('./add-auto.js')).run(context);
  if (flags.auto) {
    throw new BunnyError('BUNNY_EUSAGE', 'NAME and --auto exclude each other', {
      where: 'bunny add',
      hint: `write \`${shellLine(['bunny', 'add', word])}\` for that alone, or \`bunny add --auto\` for what the sources use`,
      exitStatus: exitStatus.usage,
    });
  }
  const { name, range } = parse(word);
  return changeProject(context, (project) => add(project, name, range, context));
}

async function add(
  project: Project,
  name: string,
  range: string | undefined,
  context: Run<Flags>,
): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const { dependencies } = project.document.value;
  const before = own(dependencies, name)?.version;
  terminal.progress('resolving');
  const namespace = await componentsFor(project, context);
  const proposal = await proposalFor(project, name, range ?? before, namespace, context).catch((error) =>
    withNearName(error, name, namespace),
  );
  terminal.clear();
  for (const warning of proposal.resolution.warnings) terminal.warn(warning);
  const { held } = proposal;
  for (const each of held) {
    const locked = proposal.resolution.lock.targets.length;
    terminal.note(`${heldText(each, locked)}; ${preferText(each.name, each.newest)}`);
  }
  noteLowered(terminal, proposal.resolution.lowered);
  if (!flags.dryRun) await accept(project, proposal);
  const written = proposal.document.value.dependencies[name]?.version ?? '*';
  if (proposal.changes.length > 0) terminal.report(changeTable(proposal.changes));
  const file = shownPath(project.file);
  if (range === undefined && before !== undefined) {
    terminal.note(`${file} has ${name} ${before} already: \`bunny add ${name}@RANGE\` changes the range`);
  } else {
    terminal.done(flags.dryRun ? 'Would add' : 'Added', `${name} ${written} to ${file}`);
  }
  const { changes, resolution } = proposal;
  terminal.result({
    name,
    range: written,
    written: !flags.dryRun,
    changes,
    warnings: resolution.warnings,
    held,
  });
  return exitStatus.done;
}

/**
 * Without a range: what goes best with all else, and from then on what is compatible with that. `held`: what is added,
 * where the others keep it from being newer.
 */
async function proposalFor(
  project: Project,
  name: string,
  range: string | undefined,
  namespace: Namespace,
  context: Run<Flags>,
): Promise<Proposal & { held: readonly HeldBack[] }> {
  const proposeRange = (wanted: string) =>
    propose(project, setDependency(project.text, name, wanted, project.file), context, namespace);
  const open = await proposeRange(range ?? '*');
  const held = open.resolution.held.filter((each) => each.name === name);
  if (range !== undefined) return { ...open, held };
  const compatible = await compatibleRange(open.resolution.lock, name, namespace);
  // Only where `when` leaves it out of every target.
  return { ...(compatible === undefined ? open : await proposeRange(compatible)), held };
}

/** The same error, but where nothing has that name, the way out is the right one, not to do without it. */
async function withNearName(error: unknown, name: string, namespace: Namespace): Promise<never> {
  if (!(error instanceof BunnyError) || error.code !== 'BUNNY_ENOSOLUTION') throw error;
  if ((await namespace.component(name)) !== undefined) throw error;
  const hint = suggestion(name, await namespace.names()) ?? '`bunny search` shows what is published';
  const { code, message, where, details, exitStatus: status } = error;
  throw new BunnyError(code, message, {
    where,
    details: [...details],
    hint,
    exitStatus: status,
    cause: error,
  });
}

function parse(word: string): { name: string; range?: string } {
  const at = word.indexOf('@');
  const name = at < 0 ? word : word.slice(0, at);
  const range = at < 0 ? undefined : word.slice(at + 1);
  if (!isComponentName(name)) {
    throw new BunnyError('BUNNY_ENAME', `${JSON.stringify(name)} cannot be a name of a component`, {
      where: 'bunny add',
      hint: 'write NAME or NAME@RANGE: net, net@^1.2',
    });
  }
  if (range === undefined) return { name };
  if (!isRange(range)) {
    throw new BunnyError('BUNNY_ERANGE', `${JSON.stringify(range)} is not a range of versions`, {
      where: 'bunny add',
      hint: 'write a range as node-semver reads it: net@^1.2, net@~1.2.3, "net@>=1 <3"',
    });
  }
  return { name, range };
}
