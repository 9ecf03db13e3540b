import type { Namespace } from 'bunny-libos-namespace';
import {
  compatibleRange,
  type HeldBack,
  NoSolution,
  type OlderInLock,
  olderInLock,
  setDependency,
} from 'bunny-libos-resolver';
import { BunnyError, own, suggestion } from 'bunny-libos-spec';
import type { Requests } from '../lock/request.js';
import type { Project } from '../open/project.js';
import { componentsFor, type Proposal, propose, restate } from './proposal.js';

/** A dependency that is to be added. */
export interface Addition {
  name: string;
  /** As the Bunnyfile has it, or what is compatible with what is found, where left out. */
  range?: string | undefined;
}

/** A Bunnyfile with further dependencies. */
export interface AdditionProposal extends Proposal {
  /** Of what is added, what the others keep from being newer. */
  held: readonly HeldBack[];
  /** Of what is added, what was in the lock before and is older than the newest version. */
  kept: readonly OlderInLock[];
}

/** Resolves a project with further dependencies. Writes nothing. Throws what `propose` throws. */
export async function proposeAdditions(
  requests: Requests,
  wanted: readonly Addition[],
): Promise<AdditionProposal> {
  const { project } = requests[0];
  const before = (name: string) => own(project.document.value.dependencies, name)?.version;
  const namespaces = componentsFor(requests);
  const proposal = await proposalFor(
    requests,
    wanted.map(({ name, range = before(name) }) => ({ name, range })),
    namespaces,
  ).catch((error) => withNearName(error, wanted, [...namespaces.values()]));
  return { ...proposal, kept: await keptOlder(project, wanted, proposal, namespaces) };
}

/**
 * Without a range: what goes best with all else, and from then on what is compatible with that. `held`: what is added,
 * where the others keep it from being newer.
 */
async function proposalFor(
  requests: Requests,
  wanted: readonly Addition[],
  namespaces: ReadonlyMap<string, Namespace>,
): Promise<Proposal & { held: readonly HeldBack[] }> {
  const { file, text: before } = requests[0].project;
  const textWith = (ranges: readonly Addition[]) =>
    ranges.reduce((edited, { name, range = '*' }) => setDependency(edited, name, range, file), before);
  const open = await propose(requests, textWith(wanted), namespaces);
  const held = open.resolution.held.filter((each) => wanted.some(({ name }) => name === each.name));
  if (wanted.every(({ range }) => range !== undefined)) return { ...open, held };
  const { locks } = open.resolution;
  let coversAll = true;
  const ranges: Addition[] = [];
  for (const { name, range } of wanted) {
    // None where `when` leaves it out of every target.
    const found = range === undefined ? await compatibleRange(locks, name, namespaces) : undefined;
    coversAll &&= found?.coversAll ?? true;
    ranges.push({ name, range: range ?? found?.range });
  }
  const text = textWith(ranges);
  // What was found without ranges is found with them, too, unless they leave out what a target has.
  const proposal = coversAll
    ? await restate(requests, open, text)
    : await propose(requests, text, namespaces);
  return { ...proposal, held };
}

/** What was in the lock before, because of others, and is older than the newest version: nothing has moved it. */
async function keptOlder(
  project: Project,
  wanted: readonly Addition[],
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
  wanted: readonly Addition[],
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
