import { openWorkRoot } from '@bunny/builder';
import { FileLock } from '@bunny/oci';
import type { Run } from './action.js';
import { type BaseFlags, openProject, type Project } from './workspace.js';

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
  { flags, terminal, signal }: Run<BaseFlags>,
  change: () => Promise<T>,
): Promise<T> {
  const lock = await lockOf(project);
  const notice = setTimeout(() => {
    terminal.note(`another bunny is changing ${project.file} or its lock: waiting until it has ended`);
  }, silentWait);
  try {
    return await lock.hold(
      async () => {
        clearTimeout(notice);
        Object.assign(project, await openProject(project.file, flags, terminal));
        return change();
      },
      { timeout: longestWait, signal },
    );
  } finally {
    clearTimeout(notice);
  }
}

async function lockOf({ directory, lockFile }: Project): Promise<FileLock> {
  try {
    return new FileLock(`${await openWorkRoot(directory)}/change`, 'lock');
  } catch (error) {
    // Whoever reads the message knows the lock that was to be written, not the directory beside it.
    throw error instanceof Error ? Object.assign(error, { path: lockFile }) : error;
  }
}
