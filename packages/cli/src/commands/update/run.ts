import { changeProject, LockRequest, type Project } from 'bunny-libos-project';
import {
  type HeldBack,
  type LockChange,
  lockChanges,
  openNamespace,
  providersIn,
  type Resolution,
  type ResolveOptions,
  resolve,
  writeLockFile,
} from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type Lock, suggestion, toolingRepository } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { changeTable } from '../../terminal/change-table.js';
import { changesText, heldText, noteChoices, noteLowered } from '../../terminal/closure-notes.js';
import { count } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny update` */
export async function run(context: Context, names: string[]): Promise<number> {
  return changeProject(await namedProject(context), context.flags.dryRun, (project) =>
    update(project, names, context),
  );
}

async function update(project: Project, names: readonly string[], context: Context): Promise<number> {
  const { flags, terminal } = context;
  if (needsNoLayers(project, terminal, 'Updated')) {
    terminal.result({ written: false, changes: [], warnings: [] });
    return exitStatus.done;
  }
  const request = await LockRequest.open(project, flags);
  const { options } = request;
  const { previous } = options;
  const renewed = previous === undefined ? new Set(names) : await lockedNames(names, previous, request);
  terminal.progress('resolving');
  const renewal: ResolveOptions = {
    ...options,
    renew: names.length === 0 ? 'all' : renewed,
    namespace: openNamespace(options),
  };
  const resolution = await resolve(renewal);
  const { lock, warnings, lowered } = resolution;
  const held = resolution.held.filter(({ name }) => renewed.has(name));
  const alternative = held.length === 0 ? undefined : await withDowngrades(renewal, resolution);
  terminal.clear();
  // Where there is no lock yet, names are held against the one that it would be.
  if (previous === undefined) await lockedNames(names, lock, request);
  for (const warning of warnings) terminal.warn(warning);
  for (const each of held) terminal.note(heldText(each, lock.targets.length));
  if (alternative !== undefined) {
    terminal.note(`with --allow-downgrade: ${changesText(alternative)}`);
  }
  if (names.length === 0) noteChoices(terminal, resolution);
  else noteLowered(terminal, lowered);
  const changes = lockChanges(previous, lock, lowered);
  if (!flags.dryRun) await writeLockFile(project.lockFile, lock);
  if (changes.length > 0) terminal.report(changeTable(changes));
  const nothing = held.length === 0 ? 'nothing: all is up to date' : 'nothing';
  const what = changes.length === 0 ? nothing : count(changes.length, 'component');
  terminal.done(flags.dryRun ? 'Would update' : 'Updated', `${what} in ${shownPath(project.lockFile)}`);
  terminal.result({
    lock: shownPath(project.lockFile),
    written: !flags.dryRun,
    changes,
    warnings,
    held: names.length === 0 ? resolution.held : held,
    ...(alternative === undefined ? {} : { withAllowDowngrade: alternative }),
  });
  return exitStatus.done;
}

/** What would change if what the Bunnyfile names could become older, where that makes something newer that was named. */
async function withDowngrades(
  renewal: ResolveOptions,
  { held }: Resolution,
): Promise<readonly LockChange[] | undefined> {
  if (renewal.allowDowngrade || renewal.previous === undefined) return undefined;
  const other = await resolve({ ...renewal, allowDowngrade: true, tentative: true });
  const stays = (each: HeldBack) =>
    other.held.some(({ name, version }) => name === each.name && version === each.version);
  if (held.every(stays)) return undefined;
  return lockChanges(renewal.previous, other.lock, other.lowered);
}

/**
 * The locked components that these names mean: of a capability, its providers. Throws BUNNY_ENOTFOUND where a name
 * means none.
 */
async function lockedNames(names: readonly string[], lock: Lock, request: LockRequest): Promise<Set<string>> {
  const locked = new Set(lock.targets.flatMap(({ components }) => components.map(({ name }) => name)));
  if (names.every((name) => locked.has(name))) return new Set(names);
  const capabilities = new Map<string, Set<string>>();
  for (const target of lock.targets) {
    const components = new Set(target.components.map(({ name }) => name));
    const rules = await request.rulesOf(target);
    for (const [name, provider] of providersIn(components, request.project.document.value, rules)) {
      capabilities.set(name, (capabilities.get(name) ?? new Set()).add(provider));
    }
  }
  // In the order in which they are named: an earlier one matters more.
  const found = new Set<string>();
  for (const name of names) {
    const providers = locked.has(name) ? [name] : capabilities.get(name);
    if (providers === undefined)
      throw notLocked(name, [...locked, ...capabilities.keys()], request.project.lockFile);
    for (const provider of providers) found.add(provider);
  }
  return found;
}

function notLocked(name: string, known: readonly string[], lockFile: string): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', `bunny.lock has no component ${name}`, {
    where: lockFile,
    hint:
      name === toolingRepository
        ? 'the tooling layer is updated by `bunny update` without names'
        : (suggestion(name, known) ?? '`bunny tree` shows what is there'),
    exitStatus: exitStatus.unsatisfiable,
  });
}
