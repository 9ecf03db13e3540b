import type { Namespace } from 'bunny-libos-namespace';
import {
  type LockChange,
  lockChanges,
  openNamespace,
  replaceFile,
  resolve,
  restateLock,
} from 'bunny-libos-resolver';
import { changeAlone } from '../lock/alone.js';
import { allOf } from '../lock/parts.js';
import type { LockRequest, Requests } from '../lock/request.js';
import { joinChanges, joinResolutions, type ProjectResolution, writeLocks } from '../lock/resolution.js';
import type { Project } from '../open/project.js';

/** What another text of a Bunnyfile would come to. */
export interface Proposal {
  project: Project;
  resolution: ProjectResolution;
  changes: readonly LockChange[];
}

/**
 * Runs what changes a project's Bunnyfile or its lock while no other command does: of two that add something at once,
 * both are kept. A dry run, which writes nothing, waits for nobody.
 */
export async function changeProject<T>(
  project: Project,
  dryRun: boolean | undefined,
  change: (project: Project) => Promise<T>,
): Promise<T> {
  // Nor is there anything to change for a prebuilt kernel.
  const isPlain = dryRun || project.document.value.kernel !== undefined;
  return isPlain ? change(project) : changeAlone(project, change);
}

/** By framework, the components that a project can have. What is read for one proposal is not read again for the next. */
export function componentsFor(requests: readonly LockRequest[]): ReadonlyMap<string, Namespace> {
  return new Map(requests.map(({ project, options }) => [project.framework, openNamespace(options)]));
}

/**
 * Resolves a project as if its Bunnyfile were this text. Writes nothing. Places in errors are those in the
 * file as it is, which people can look at.
 */
export async function propose(
  requests: Requests,
  text: string,
  namespaces?: ReadonlyMap<string, Namespace>,
): Promise<Proposal> {
  const solving = requests.map(async (request) => {
    const { at, keyAt } = request.project.document;
    const { project, options } = request.withText(text);
    const bunnyfile = { ...project.document, at, keyAt };
    const namespace = namespaces?.get(project.framework);
    const resolution = await resolve({ ...options, bunnyfile, namespace });
    return { resolution, changes: lockChanges(options.previous, resolution.lock, resolution.lowered) };
  });
  const solved = await allOf(solving);
  return {
    project: requests[0].project.withText(text),
    resolution: joinResolutions(solved.map(({ resolution }) => resolution)),
    changes: joinChanges(solved.flatMap(({ changes }) => changes)),
  };
}

/** The same proposal by a text that asks for fewer versions, among them all that were chosen: see `restateLock`. */
export async function restate(requests: Requests, proposal: Proposal, text: string): Promise<Proposal> {
  const { resolution, changes } = proposal;
  const restated = requests.map((request) => request.withText(text));
  const locks = resolution.locks.map((lock) => {
    const own = restated.find(({ project }) => project.framework === lock.framework);
    return own === undefined ? lock : restateLock(own.options, lock);
  });
  return {
    project: requests[0].project.withText(text),
    resolution: { ...resolution, locks: await Promise.all(locks) },
    changes,
  };
}

/** Writes Bunnyfile and lock: the lock last, as a stale one is seen and a Bunnyfile that lags is not. */
export async function accept({ project, resolution }: Proposal): Promise<void> {
  await replaceFile(project.file, project.text);
  if (resolution.changed) await writeLocks(project, resolution.locks);
}
