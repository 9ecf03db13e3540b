import {
  type LockChange,
  lockChanges,
  type Namespace,
  openNamespace,
  type Resolution,
  replaceFile,
  resolve,
  writeLockFile,
} from '@bunny/resolver';
import { type Bunnyfile, type Document, readBunnyfile } from '@bunny/spec';
import type { Run } from './action.js';
import { type LockFlags, resolveOptions } from './locking.js';
import type { Project } from './workspace.js';

/** What a Bunnyfile's text would come to. */
export interface Proposal {
  text: string;
  document: Document<Bunnyfile>;
  resolution: Resolution;
  changes: readonly LockChange[];
  /** What was read to find out. */
  namespace: Namespace;
}

/**
 * Resolves a project as if its Bunnyfile were this text. Writes nothing. What `earlier` has read is not
 * read again.
 */
export async function propose(
  project: Project,
  text: string,
  context: Run<LockFlags>,
  earlier?: Proposal,
): Promise<Proposal> {
  const options = await resolveOptions(project, context);
  const namespace = earlier?.namespace ?? openNamespace(options);
  const document = readBunnyfile(text, project.file, project.document.value.name);
  const resolution = await resolve({ ...options, bunnyfile: document, namespace });
  const changes = lockChanges(options.previous, resolution.lock);
  return { text, document, resolution, changes, namespace };
}

/** Writes Bunnyfile and lock: the lock last, as a stale one is seen and a Bunnyfile that lags is not. */
export async function accept(project: Project, { text, resolution }: Proposal): Promise<void> {
  await replaceFile(project.file, text);
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
}
