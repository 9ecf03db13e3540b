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
import { type Bunnyfile, type Document, readBunnyfile } from 'bunny-libos-spec';
import { type LockFlags, resolveOptions } from './lock-options.js';
import { changeAlone } from './project-lock.js';
import type { Use } from './use.js';
import type { Project } from './workspace.js';

/** What a Bunnyfile's text would come to. */
export interface Proposal {
  text: string;
  document: Document<Bunnyfile>;
  resolution: Resolution;
  changes: readonly LockChange[];
}

/**
 * Runs what changes the Bunnyfile or the lock of a project while no other command does: of two that add something at once, both are kept. A dry run, which writes nothing, waits for nobody.
 */
export async function changeProject<T>(
  project: Project,
  context: Use<LockFlags>,
  change: (project: Project) => Promise<T>,
): Promise<T> {
  // Nor is there anything to change for a prebuilt kernel.
  const isPlain = context.flags.dryRun || project.document.value.kernel !== undefined;
  return isPlain ? change(project) : changeAlone(project, context, () => change(project));
}

/** The components that a project can have. What is read of them for one proposal is not read again for the next. */
export async function componentsFor(project: Project, context: Use<LockFlags>): Promise<Namespace> {
  return openNamespace(await resolveOptions(project, context));
}

/**
 * Resolves a project as if its Bunnyfile were this text. Writes nothing. Places in errors are those in the
 * file as it is, which people can look at.
 */
export async function propose(
  project: Project,
  text: string,
  context: Use<LockFlags>,
  namespace?: Namespace,
): Promise<Proposal> {
  const options = await resolveOptions(project, context);
  const { at, keyAt, value } = project.document;
  const document = { ...readBunnyfile(text, project.file, value.name), at, keyAt };
  const resolution = await resolve({
    ...options,
    bunnyfile: document,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const changes = lockChanges(options.previous, resolution.lock, resolution.lowered);
  return { text, document, resolution, changes };
}

/** Writes Bunnyfile and lock: the lock last, as a stale one is seen and a Bunnyfile that lags is not. */
export async function accept(project: Project, { text, resolution }: Proposal): Promise<void> {
  await replaceFile(project.file, text);
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
}
