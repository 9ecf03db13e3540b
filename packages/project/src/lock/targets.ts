import { keptLock, type Resolution, type ResolveOptions, resolve } from 'bunny-libos-resolver';
import type { LockedTarget } from 'bunny-libos-spec';
import type { Project } from '../open/project.js';
import { allOf, partsAskedFor } from './parts.js';
import { LockRequest, type LockWishes } from './request.js';
import { joinResolutions, type ProjectResolution, writeLocks } from './resolution.js';

/** The targets of a lock that answers a project's Bunnyfile, and what that was found by. */
export interface LockedProject extends ProjectResolution {
  /** One for each framework. */
  requests: readonly LockRequest[];
}

/** One framework of a project. */
interface Part {
  request: LockRequest;
  /** It has targets that are asked for; else it is only locked. */
  isAsked: boolean;
}

/** What a target of a lock was found by. */
export function requestOf(
  { requests }: Pick<LockedProject, 'requests'>,
  { framework }: Pick<LockedTarget, 'framework'>,
): LockRequest {
  const request = requests.find(({ project }) => project.framework === framework) ?? requests[0];
  if (request === undefined) throw new Error('a lock was found by nothing');
  return request;
}

/**
 * Brings the lock up to date with the Bunnyfile, as far as the wishes allow, and gives the targets asked for. A dry run
 * writes nothing. While the lock need not change, nothing is waited for.
 */
export async function lockTargets(
  project: Project,
  wishes: LockWishes,
  more: Partial<ResolveOptions> = {},
): Promise<LockedProject> {
  if (wishes.dryRun) return renewed(project, wishes, more);
  const kept = isInferring(project, wishes) ? undefined : await keptTargets(project, wishes, more);
  if (kept !== undefined) return kept;
  // What it is made of is loaded by those who change something.
  const { changeAlone } = await import('./alone.js');
  return changeAlone(project, (changing) => renewed(changing, wishes, more));
}

/** What takes no change of a file: undefined where the lock has to be written. */
async function keptTargets(
  project: Project,
  wishes: LockWishes,
  more: Partial<ResolveOptions>,
): Promise<LockedProject | undefined> {
  const parts = await openParts(project, wishes, more);
  const kept = await answerAll(parts, more, keptLock);
  const answers = kept.flatMap((each) => each ?? []);
  if (answers.length < kept.length) return undefined;
  return { ...joinResolutions(answers), requests: parts.map(({ request }) => request) };
}

async function renewed(
  project: Project,
  wishes: LockWishes,
  more: Partial<ResolveOptions>,
): Promise<LockedProject> {
  const parts: Part[] = [];
  for (const { request, isAsked } of await openParts(project, wishes, more)) {
    parts.push({ request: await withDependencies(request), isAsked });
  }
  const resolution = joinResolutions(await answerAll(parts, more, resolve));
  if (resolution.changed && !wishes.dryRun) await writeLocks(project, resolution.locks);
  return { ...resolution, requests: parts.map(({ request }) => request) };
}

/** The frameworks that have a target which is asked for; all, where the lock is to be for all targets. */
function openParts(
  project: Project,
  wishes: LockWishes,
  { lockAll }: Partial<ResolveOptions>,
): Promise<Part[]> {
  const asked = partsAskedFor(project, wishes);
  const parts = lockAll ? project.parts : asked;
  const all = { ...wishes, arch: undefined, platform: undefined };
  const opened = parts.map(async (part): Promise<Part> => {
    const isAsked = asked.includes(part);
    return { request: await LockRequest.open(part, isAsked ? wishes : all), isAsked };
  });
  return Promise.all(opened);
}

function answerAll<T extends Resolution | undefined>(
  parts: readonly Part[],
  more: Partial<ResolveOptions>,
  answer: (options: ResolveOptions) => Promise<T>,
): Promise<T[]> {
  const answers = parts.map(async ({ request: { options }, isAsked }): Promise<T> => {
    if (isAsked) return answer({ ...options, ...more });
    const answered = await answer({ ...options, ...more, check: undefined });
    return answered && { ...answered, wanted: [] };
  });
  return allOf(answers);
}

/** The same with the dependencies written out that the Bunnyfile leaves to be found. */
async function withDependencies(request: LockRequest): Promise<LockRequest> {
  if (!isInferring(request.project, request.wishes)) return request;
  // Their code is loaded by those who leave it to Bunny to find their dependencies.
  const { writeInferred } = await import('./inferred.js');
  return writeInferred(request);
}

function isInferring({ document }: Project, { frozen, offline }: LockWishes): boolean {
  return document.value.inferDependencies === true && !frozen && !offline;
}
