import type { FileLock } from 'bunny-libos-oci';
import { systemError } from 'bunny-libos-spec';
import { openProjectWork, projectLock } from 'bunny-libos-tooling';
import type { Use } from './use.js';
import { openStore, type Project, reopen } from './workspace.js';

/** How long one change waits for another. Milliseconds. */
const longestWait = 5 * 60_000;
/** How long it waits without a word. Milliseconds. */
const silentWait = 1000;

/**
 * Runs what changes a Bunnyfile or its lock while no other command does, so that both files always come from the
 * same one. The project is read anew first: another command may have changed it while this one waited.
 */
export async function changeAlone<T>(
  project: Project,
  { terminal, signal }: Pick<Use<unknown>, 'terminal' | 'signal'>,
  change: () => Promise<T>,
): Promise<T> {
  const lock = await lockOf(project);
  const changed = async () => {
    Object.assign(project, await reopen(project));
    return change();
  };
  if (lock === undefined) return changed();
  const notice = setTimeout(() => {
    terminal.note(`another bunny is changing ${project.file} or its lock: waiting until it has ended`);
  }, silentWait);
  try {
    return await lock.hold(
      async () => {
        clearTimeout(notice);
        return changed();
      },
      { timeout: longestWait, signal },
    );
  } finally {
    clearTimeout(notice);
  }
}

/** Undefined where the store may only be read, so that there is no place for a lock that the project did not bring. */
async function lockOf({ directory }: Project): Promise<FileLock | undefined> {
  try {
    return projectLock(openProjectWork(await openStore(), directory));
  } catch (error) {
    if (systemError(error)?.code === 'BUNNY_EACCESS') return undefined;
    throw error;
  }
}
