import type { Namespace } from 'bunny-libos-namespace';
import {
  type LockChange,
  lockChanges,
  openNamespace,
  type Resolution,
  replaceFile,
  resolve,
  writeLockFile,
} from 'bunny-libos-resolver';
import { changeAlone } from './change-alone.js';
import type { LockRequest } from './lock-request.js';
import type { Project } from './project.js';

/** What another text of a Bunnyfile would come to. */
export interface Proposal {
  project: Project;
  resolution: Resolution;
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

/** The components that a project can have. What is read of them for one proposal is not read again for the next. */
export function componentsFor({ options }: LockRequest): Namespace {
  return openNamespace(options);
}

/**
 * Resolves a project as if its Bunnyfile were this text. Writes nothing. Places in errors are those in the
 * file as it is, which people can look at.
 */
export async function propose(request: LockRequest, text: string, namespace?: Namespace): Promise<Proposal> {
  const { at, keyAt } = request.project.document;
  const { project, options } = request.withText(text);
  const bunnyfile = { ...project.document, at, keyAt };
  const resolution = await resolve({ ...options, bunnyfile, namespace });
  const changes = lockChanges(options.previous, resolution.lock, resolution.lowered);
  return { project, resolution, changes };
}

/** Writes Bunnyfile and lock: the lock last, as a stale one is seen and a Bunnyfile that lags is not. */
export async function accept({ project, resolution }: Proposal): Promise<void> {
  await replaceFile(project.file, project.text);
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
}
