import type { Namespace } from 'bunny-libos-namespace';
import {
  accept,
  changeProject,
  componentsFor,
  LockRequest,
  type Project,
  type Proposal,
  propose,
  type Requests,
  refusePrebuilt,
} from 'bunny-libos-project';
import {
  compatibleRange,
  type HeldBack,
  NoSolution,
  type OlderInLock,
  olderInLock,
  setDependency,
} from 'bunny-libos-resolver';
import {
  BunnyError,
  exitStatus,
  isComponentName,
  isRange,
  own,
  shellLine,
  suggestion,
} from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { changeTable } from '../../terminal/change-table.js';
import { heldText, noteLowered, preferText } from '../../terminal/closure-notes.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** A dependency that is to be added. */
interface Wanted {
  name: string;
  range?: string | undefined;
}

/** `bunny add` */
export async function run(context: Context, words: string[]): Promise<number> {
  const { flags } = context;
  if (words.length === 0 && !flags.auto) {
    throw new BunnyError('BUNNY_EUSAGE', 'no dependency to add is named', {
      where: 'bunny add',
      hint: 'write `bunny add NAME`, or `bunny add --auto` for what the sources use',
      exitStatus: exitStatus.usage,
    });
  }
  if (words.length === 0) return (await import('./auto.js')).run(context);
  if (flags.auto) {
    throw new BunnyError('BUNNY_EUSAGE', 'NAME and --auto exclude each other', {
      where: 'bunny add',
      hint: `write \`${shellLine(['bunny', 'add', ...words])}\` for that alone, or \`bunny add --auto\` for what the sources use`,
      exitStatus: exitStatus.usage,
    });
  }
  const wanted = words.map(parse);
  const names = wanted.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new BunnyError('BUNNY_EUSAGE', `${twice} is named twice`, {
      where: 'bunny add',
      hint: 'name each dependency once, with the range that it is to have',
      exitStatus: exitStatus.usage,
    });
  }
  return changeProject(await namedProject(context), flags.dryRun, (project) => add(project, wanted, context));
}

async function add(project: Project, wanted: readonly Wanted[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const { dependencies } = project.document.value;
  const before = (name: string) => own(dependencies, name)?.version;
  terminal.progress('resolving');
  const requests = await LockRequest.openAll(project, flags);
  const namespaces = componentsFor(requests);
  const proposal = await proposalFor(
    requests,
    wanted.map(({ name, range = before(name) }) => ({ name, ...(range === undefined ? {} : { range }) })),
    namespaces,
  ).catch((error) => withNearName(error, wanted, [...namespaces.values()]));
  terminal.clear();
  for (const warning of proposal.resolution.warnings) terminal.warn(warning);
  const { held } = proposal;
  for (const each of held) {
    const locked = proposal.resolution.targets.length;
    terminal.note(`${heldText(each, locked)}; ${preferText(each.name, each.newest)}`);
  }
  const kept = await keptOlder(project, wanted, proposal, namespaces);
  for (const { name, version, newest, far } of kept) {
    const way = far ? preferText(name, newest) : `\`bunny update ${name}\` asks for it`;
    terminal.note(`${name} is ${version}, which bunny.lock has already, not ${newest}; ${way}`);
  }
  noteLowered(terminal, proposal.resolution.lowered);
  if (!flags.dryRun) await accept(proposal);
  if (proposal.changes.length > 0) terminal.report(changeTable(proposal.changes));
  const file = shownPath(project.file);
  const added = wanted.map(({ name }) => ({
    name,
    range: proposal.project.document.value.dependencies[name]?.version ?? '*',
  }));
  for (const [index, { name, range }] of added.entries()) {
    if (wanted[index]?.range === undefined && before(name) !== undefined) {
      terminal.note(
        `${file} has ${name} ${before(name)} already: \`bunny add ${name}@RANGE\` changes the range`,
      );
    } else {
      terminal.done(flags.dryRun ? 'Would add' : 'Added', `${name} ${range} to ${file}`);
    }
  }
  const { changes, resolution } = proposal;
  terminal.result({
    ...(added.length === 1 ? added[0] : {}),
    dependencies: added,
    written: !flags.dryRun,
    changes,
    warnings: resolution.warnings,
    held,
    kept,
  });
  return exitStatus.done;
}

/**
 * Without a range: what goes best with all else, and from then on what is compatible with that. `held`: what is added,
 * where the others keep it from being newer.
 */
async function proposalFor(
  requests: Requests,
  wanted: readonly Wanted[],
  namespaces: ReadonlyMap<string, Namespace>,
): Promise<Proposal & { held: readonly HeldBack[] }> {
  const { file, text: before } = requests[0].project;
  const proposeRanges = (ranges: readonly Wanted[]) => {
    const text = ranges.reduce(
      (edited, { name, range = '*' }) => setDependency(edited, name, range, file),
      before,
    );
    return propose(requests, text, namespaces);
  };
  const open = await proposeRanges(wanted);
  const held = open.resolution.held.filter((each) => wanted.some(({ name }) => name === each.name));
  if (wanted.every(({ range }) => range !== undefined)) return { ...open, held };
  const { locks } = open.resolution;
  const compatible = await Promise.all(
    wanted.map(async ({ name, range }) => {
      // None where `when` leaves it out of every target.
      const chosen = range ?? (await compatibleRange(locks, name, namespaces));
      return { name, ...(chosen === undefined ? {} : { range: chosen }) };
    }),
  );
  return { ...(await proposeRanges(compatible)), held };
}

/** What was in the lock before, because of others, and is older than the newest version: nothing has moved it. */
async function keptOlder(
  project: Project,
  wanted: readonly Wanted[],
  { held, resolution }: Proposal & { held: readonly HeldBack[] },
  namespaces: ReadonlyMap<string, Namespace>,
): Promise<OlderInLock[]> {
  const { dependencies } = project.document.value;
  const asked = wanted.filter(
    ({ name, range }) =>
      range === undefined &&
      own(dependencies, name) === undefined &&
      !held.some((each) => each.name === name),
  );
  const older = resolution.locks.flatMap((lock) => {
    const namespace = namespaces.get(lock.framework);
    return namespace === undefined ? [] : asked.map(({ name }) => olderInLock(lock, name, namespace));
  });
  return (await Promise.all(older)).filter((each) => each !== undefined);
}

/** The same error, but where nothing has that name, the way out is the right one, not to do without it. */
async function withNearName(
  error: unknown,
  wanted: readonly Wanted[],
  namespaces: readonly Namespace[],
): Promise<never> {
  if (!(error instanceof NoSolution)) throw error;
  const unknown = wanted.filter(({ name }) => error.unknown.includes(name));
  if (unknown.length === 0) throw error;
  const names = (await Promise.all(namespaces.map((namespace) => namespace.names()))).flat();
  const near = unknown.flatMap(({ name }) => suggestion(name, names) ?? []);
  const hint = near.join('\n') || '`bunny search` shows what is published';
  const { code, message, where, details, exitStatus: status } = error;
  throw new BunnyError(code, message, {
    where,
    details: [...details],
    hint,
    exitStatus: status,
    cause: error,
  });
}

function parse(word: string): Wanted {
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
