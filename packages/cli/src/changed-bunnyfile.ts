import {
  type LockChange,
  lockChanges,
  type Resolution,
  replaceFile,
  resolve,
  writeLockFile,
} from '@bunny/resolver';
import { type Bunnyfile, type Document, readBunnyfile } from '@bunny/spec';
import { type LockFlags, resolveOptions } from './locking.js';
import type { Run } from './program.js';
import type { Project } from './workspace.js';

/** What a Bunnyfile's text would come to. */
export interface Proposal {
  text: string;
  document: Document<Bunnyfile>;
  resolution: Resolution;
  changes: readonly LockChange[];
}

/** Resolves a project as if its Bunnyfile were this text. Writes nothing. */
export async function propose(project: Project, text: string, context: Run<LockFlags>): Promise<Proposal> {
  const options = await resolveOptions(project, context);
  const document = readBunnyfile(text, project.file, project.document.value.name);
  const resolution = await resolve({ ...options, bunnyfile: document });
  return { text, document, resolution, changes: lockChanges(options.previous, resolution.lock) };
}

/** Writes Bunnyfile and lock: the lock last, as a stale one is seen and a Bunnyfile that lags is not. */
export async function accept(project: Project, { text, resolution }: Proposal): Promise<void> {
  await replaceFile(project.file, text);
  if (resolution.changed) await writeLockFile(project.lockFile, resolution.lock);
}
