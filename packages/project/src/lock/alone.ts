import type { FileLock } from 'bunny-libos-oci';
import { systemError } from 'bunny-libos-spec';
import { openProjectWork, projectLock } from 'bunny-libos-tooling';
import type { Project } from '../open/project.js';

/** How long one change waits for another. Milliseconds. */
const longestWait = 5 * 60_000;
/** How long it waits without a word. Milliseconds. */
const silentWait = 1000;

/**
 * Runs what changes a Bunnyfile or its lock while no other command does, so that both files always come from the
 * same one. It gets the project read anew: another command may have changed it while this one waited.
 */
export async function changeAlone<T>(project: Project, change: (project: Project) => Promise<T>): Promise<T> {
  const lock = await lockOf(project);
  const changed = async () => change(await project.reread());
  if (lock === undefined) return changed();
  const notice = setTimeout(() => {
    project.observer.onNote?.(
      `another bunny process is changing ${project.file} or its lock: waiting for it to finish`,
    );
  }, silentWait);
  try {
    return await lock.hold(
      async () => {
        clearTimeout(notice);
        return changed();
      },
      { timeout: longestWait, signal: project.signal },
    );
  } finally {
    clearTimeout(notice);
  }
}

/** Undefined where the store may only be read, so that there is no place for a lock that the project did not bring. */
async function lockOf(project: Project): Promise<FileLock | undefined> {
  try {
    return projectLock(openProjectWork(await project.store(), project.directory));
  } catch (error) {
    if (systemError(error)?.code === 'BUNNY_EACCESS') return undefined;
    throw error;
  }
}
