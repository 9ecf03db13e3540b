import {
  chmodSync,
  closeSync,
  fchmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { HeldDirectory, makeDirectory, removeTree } from 'bunny-libos-oci';
import { BunnyError } from 'bunny-libos-spec';

/** A file that an import writes. */
export interface NewFile {
  content: string | Uint8Array;
  /** A program or script that is run by its name. */
  executable?: boolean | undefined;
}

/** Files by their paths in a directory, `/` between parts. */
export type NewTree = Map<string, NewFile>;

/**
 * Writes a tree to a directory that is not there yet, or is empty: whole or not at all. Modes and contents are the same
 * whatever the umask. Throws BUNNY_EEXISTS where something is there already, and what the file system throws.
 */
export async function writeNewTree(directory: string, files: NewTree): Promise<void> {
  requireFree(directory);
  const place = resolve(directory);
  makeDirectory(dirname(place));
  const unfinished = mkdtempSync(join(dirname(place), `.${basename(place)}-`));
  try {
    const root = HeldDirectory.open(unfinished);
    try {
      for (const [path, file] of files) writeInto(root, path, file);
      for (const path of directoriesOf(files)) openUp(root, path);
    } finally {
      root.close();
    }
    requireFree(directory);
    renameSync(unfinished, place);
  } catch (error) {
    await removeTree(unfinished);
    throw error;
  }
}

/** Throws BUNNY_EEXISTS where a directory cannot be made, as something is there. */
export function requireFree(directory: string): void {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  if (status === undefined) return;
  if (status.isDirectory() && readdirSync(directory).length === 0) return;
  throw new BunnyError('BUNNY_EEXISTS', 'something is already where the import would be written', {
    where: directory,
    hint: 'name a new directory with --out, or remove this one',
  });
}

function writeInto(root: HeldDirectory, path: string, { content, executable = false }: NewFile): void {
  const directory = root.makeBelow(posix.dirname(path), 0o755);
  try {
    const descriptor = directory.create(posix.basename(path), 0o644);
    try {
      writeFileSync(descriptor, content);
      fchmodSync(descriptor, executable ? 0o755 : 0o644);
    } finally {
      closeSync(descriptor);
    }
  } finally {
    directory.close();
  }
}

/** The paths of all directories that the files stand in, `.` among them. */
function directoriesOf(files: NewTree): Set<string> {
  const directories = new Set(['.']);
  for (let path of files.keys()) {
    for (path = posix.dirname(path); !directories.has(path); path = posix.dirname(path))
      directories.add(path);
  }
  return directories;
}

/** Gives a directory its mode, which the umask may have narrowed. */
function openUp(root: HeldDirectory, path: string): void {
  const directory = root.below(path);
  try {
    chmodSync(`${directory.place}/`, 0o755);
  } finally {
    directory.close();
  }
}
