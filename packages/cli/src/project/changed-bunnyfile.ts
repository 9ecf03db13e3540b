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
import type { Run } from '../options/action.js';
import { type LockFlags, resolveOptions } from './lock-options.js';
import { openNetwork } from './network.js';
import { changeAlone } from './project-lock.js';
import { openProject, type Project } from './workspace.js';

/** What a Bunnyfile's text would come to. */
export interface Proposal {
  text: string;
  document: Document<Bunnyfile>;
  resolution: Resolution;
  changes: readonly LockChange[];
}

/**
 * Opens the project that the flags name, and runs what changes its Bunnyfile or its lock while no other command
 * does: of two that add something at once, both are kept. A dry run, which writes nothing, waits for nobody.
 */
export async function changeProject<T>(
  context: Run<LockFlags>,
  change: (project: Project) => Promise<T>,
): Promise<T> {
  const { flags, terminal } = context;
  const project = await openProject(flags.file, flags, openNetwork(context), terminal);
  // Nor is there anything to change for a prebuilt kernel.
  const isPlain = flags.dryRun || project.document.value.kernel !== undefined;
  return isPlain ? change(project) : changeAlone(project, context, () => change(project));
}

/** The components that a project can have. What is read of them for one proposal is not read again for the next. */
export async function componentsFor(project: Project, context: Run<LockFlags>): Promise<Namespace> {
  return openNamespace(await resolveOptions(project, context));
}

/**
 * Resolves a project as if its Bunnyfile were this text. Writes nothing. Places in errors are those in the
 * file as it is, which people can look at.
 */
export async function propose(
  project: Project,
  text: string,
  context: Run<LockFlags>,
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
