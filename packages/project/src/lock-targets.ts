import { keptLock, type Resolution, type ResolveOptions, resolve, writeLockFile } from 'bunny-libos-resolver';
import { LockRequest, type LockWishes } from './lock-request.js';
import type { Project } from './project.js';

/** The targets of a lock that answers a project's Bunnyfile, and what that was found by. */
export interface LockedProject extends Resolution {
  request: LockRequest;
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
  const { changeAlone } = await import('./change-alone.js');
  return changeAlone(project, (changing) => renewed(changing, wishes, more));
}

/** What takes no change of a file: undefined where the lock has to be written. */
async function keptTargets(
  project: Project,
  wishes: LockWishes,
  more: Partial<ResolveOptions>,
): Promise<LockedProject | undefined> {
  const request = await LockRequest.open(project, wishes);
  const kept = await keptLock({ ...request.options, ...more });
  return kept && { ...kept, request };
}

async function renewed(
  project: Project,
  wishes: LockWishes,
  more: Partial<ResolveOptions>,
): Promise<LockedProject> {
  const request = await withDependencies(await LockRequest.open(project, wishes));
  const resolution = await resolve({ ...request.options, ...more });
  if (resolution.changed && !wishes.dryRun) await writeLockFile(request.project.lockFile, resolution.lock);
  return { ...resolution, request };
}

/** The same with the dependencies written out that the Bunnyfile leaves to be found. */
async function withDependencies(request: LockRequest): Promise<LockRequest> {
  if (!isInferring(request.project, request.wishes)) return request;
  // Their code is loaded by those who leave it to Bunny to find their dependencies.
  const { writeInferred } = await import('./inferred-dependencies.js');
  return writeInferred(request);
}

function isInferring({ document }: Project, { frozen, offline }: LockWishes): boolean {
  return document.value.inferDependencies === true && !frozen && !offline;
}
