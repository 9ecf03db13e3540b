import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf, FileLock, makeDirectory, type Store } from 'bunny-libos-oci';
import { WorkPlace } from './work-place.js';

/** Directory of the lock for changes of a project's documents. */
const changeLock = 'change';
/** Name of the file that says whose work a directory keeps: the real path of the project's directory. */
const ownerFile = 'project';

/**
 * The directory of the store that keeps what is made for one project between commands, made where it is missing. It is
 * found by the real path of the project's directory, in which nothing is kept: whoever a project comes from could have
 * put it there. Throws what the file system throws, also where the store may only be read.
 */
export function openProjectWork({ directory: store }: Pick<Store, 'directory'>, project: string): string {
  const path = realpathSync(project);
  const key = createHash('sha256').update(path).digest('hex').slice(0, 32);
  const directory = join(store, 'work', key);
  makeDirectory(directory, 0o700);
  accessSync(directory, constants.W_OK);
  if (projectOf(directory) !== path) writeFileSync(join(directory, ownerFile), `${path}\n`);
  return directory;
}

/** The real path of the project whose work a directory keeps; undefined where that is not known. */
export function projectOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, ownerFile), 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

/** The lock for changes of the documents of the project whose work a directory keeps. */
export function projectLock(directory: string): FileLock {
  return new FileLock(join(directory, changeLock), 'lock');
}

/**
 * Removes the work of a project, unless a process is at it for longer than `patience` (milliseconds); tells whether it
 * did.
 */
export async function removeProjectWork(directory: string, patience: number): Promise<boolean> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === changeLock) continue;
    if (!(await new WorkPlace(join(directory, entry.name)).discard(patience))) return false;
  }
  const remove = async () => rmSync(join(directory, ownerFile), { force: true });
  try {
    await projectLock(directory).hold(remove, { timeout: patience, leaveNothing: true });
    rmdirSync(directory);
    return true;
  } catch (error) {
    const code = codeOf(error);
    // Somebody has begun to work here meanwhile.
    if (code === 'BUNNY_ETIMEOUT' || code === 'ENOTEMPTY') return false;
    throw error;
  }
}
