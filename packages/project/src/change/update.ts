import {
  type HeldBack,
  type LockChange,
  type Lowered,
  lockChanges,
  openNamespace,
  providersIn,
  type Resolution,
  type ResolveOptions,
  resolve,
} from 'bunny-libos-resolver';
import {
  BunnyError,
  exitStatus,
  type Lock,
  type LockedTarget,
  perTarget,
  suggestion,
  toolingRepository,
} from 'bunny-libos-spec';
import { allOf } from '../lock/parts.js';
import { LockRequest, type LockWishes } from '../lock/request.js';
import { joinChanges } from '../lock/resolution.js';
import type { Project } from '../open/project.js';

/** What updating a project comes to. */
export interface Update {
  locks: readonly Lock[];
  /** Of all of them. */
  targets: readonly LockedTarget[];
  changes: readonly LockChange[];
  warnings: readonly string[];
  lowered: readonly Lowered[];
  /** Of what was named, what others keep from being newer. */
  held: readonly HeldBack[];
  /** The same of all components. */
  allHeld: readonly HeldBack[];
  /** What would change if what the Bunnyfile names could become older, where that helps. */
  alternatives: readonly LockChange[];
}

/**
 * Chooses components of a lock anew: those that are named, or all of them with the tooling layer. Writes nothing. Throws
 * BUNNY_ENOTFOUND where a name means nothing, and what `resolve` throws.
 */
export async function proposeUpdate(
  project: Project,
  wishes: LockWishes,
  names: readonly string[],
): Promise<Update> {
  const requests = await LockRequest.openAll(project, wishes);
  const parts = await allOf(requests.map((request) => renewed(request, names, requests.length === 1)));
  requireKnown(
    names,
    parts.map(({ known }) => known),
    project.lockFile,
  );
  const locks = parts.map(({ resolution }) => resolution.lock);
  return {
    locks,
    targets: locks.flatMap(({ targets }) => targets),
    changes: joinChanges(parts.flatMap((part) => part.changes)),
    warnings: parts.flatMap(({ resolution }) => resolution.warnings),
    lowered: parts.flatMap(({ resolution }) => resolution.lowered),
    held: parts.flatMap((part) => part.held),
    allHeld: parts.flatMap(({ resolution }) => resolution.held),
    alternatives: joinChanges(parts.flatMap(({ alternative }) => alternative ?? [])),
  };
}

/** What updating comes to on one framework. */
interface Renewed {
  resolution: Resolution;
  changes: readonly LockChange[];
  /** Of what was named, what others keep from being newer. */
  held: readonly HeldBack[];
  /** What would change if what the Bunnyfile names could become older, where that helps. */
  alternative: readonly LockChange[] | undefined;
  known: Nameable;
}

/** What can be named -> the components that are meant. */
type Nameable = ReadonlyMap<string, readonly string[]>;

/** `isOnly`: a name that this framework does not have means nothing. */
async function renewed(request: LockRequest, names: readonly string[], isOnly: boolean): Promise<Renewed> {
  const { options, project } = request;
  const { previous } = options;
  const locked = previous === undefined ? undefined : await nameable(names, previous, request);
  if (locked !== undefined && isOnly) requireKnown(names, [locked], project.lockFile);
  // In the order in which they are named: an earlier one matters more.
  const chosen = new Set(locked === undefined ? names : names.flatMap((name) => locked.get(name) ?? []));
  const renew = names.length === 0 ? 'all' : chosen;
  // A framework that has nothing of what is named stays as it is.
  const isKept = locked !== undefined && names.length > 0 && chosen.size === 0;
  const renewal: ResolveOptions = {
    ...options,
    renew: isKept ? undefined : renew,
    namespace: openNamespace(options),
  };
  const resolution = await resolve(renewal);
  const held = resolution.held.filter(({ name }) => chosen.has(name));
  return {
    resolution,
    changes: lockChanges(previous, resolution.lock, resolution.lowered),
    held,
    alternative: held.length === 0 ? undefined : await withDowngrades(renewal, resolution),
    // Where there is no lock yet, names are held against the one that it would be.
    known: locked ?? (await nameable(names, resolution.lock, request)),
  };
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

/** The components of a lock by their names and, where others are asked for, by the capabilities that they provide. */
async function nameable(names: readonly string[], lock: Lock, request: LockRequest): Promise<Nameable> {
  const components = new Set(lock.targets.flatMap((target) => target.components.map(({ name }) => name)));
  const known = new Map<string, readonly string[]>([...components].map((name) => [name, [name]]));
  if (names.every((name) => known.has(name))) return known;
  for (const target of lock.targets) {
    const closure = new Set(target.components.map(({ name }) => name));
    const { value } = perTarget(request.project.document, target);
    for (const [name, provider] of providersIn(closure, value, await request.rulesOf(target))) {
      if (components.has(name)) continue;
      known.set(name, [...new Set([...(known.get(name) ?? []), provider])]);
    }
  }
  return known;
}

/** Throws BUNNY_ENOTFOUND where a name means nothing on any framework. */
function requireKnown(names: readonly string[], known: readonly Nameable[], lockFile: string): void {
  const unknown = names.find((name) => known.every((each) => !each.has(name)));
  if (unknown === undefined) return;
  throw notLocked(
    unknown,
    known.flatMap((each) => [...each.keys()]),
    lockFile,
  );
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
