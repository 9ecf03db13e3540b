import {
  type Addition,
  accept,
  changeProject,
  LockRequest,
  type Project,
  proposeAdditions,
  refusePrebuilt,
} from 'bunny-libos-project';
import { BunnyError, exitStatus, isComponentName, isRange, own, shellLine } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { changeTable } from '../../terminal/change-table.js';
import { heldText, noteLowered, preferText } from '../../terminal/closure-notes.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

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

async function add(project: Project, wanted: readonly Addition[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  refusePrebuilt(project);
  const { dependencies } = project.document.value;
  const before = (name: string) => own(dependencies, name)?.version;
  terminal.progress('resolving');
  const proposal = await proposeAdditions(await LockRequest.openAll(project, flags), wanted);
  terminal.clear();
  for (const warning of proposal.resolution.warnings) terminal.warn(warning);
  const { held, kept } = proposal;
  for (const each of held) {
    const locked = proposal.resolution.targets.length;
    terminal.note(`${heldText(each, locked)}; ${preferText(each.name, each.newest)}`);
  }
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

function parse(word: string): Addition {
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
