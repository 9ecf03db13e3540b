import { chmodSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../content/errors.js';

/**
 * Makes a directory, with those above it, where it is missing. Node's own `recursive` says ENOENT on a file system that
 * may only be read, and does not return at all on one that takes no directories, such as /proc. `mode`, where given, is
 * theirs whatever the umask.
 */
export function makeDirectory(directory: string, mode?: number): void {
  try {
    makeOne(directory, mode);
  } catch (error) {
    const above = path.dirname(path.resolve(directory));
    if (codeOf(error) !== 'ENOENT' || above === directory) throw error;
    makeDirectory(above, mode);
    makeOne(directory, mode);
  }
}

function makeOne(directory: string, mode: number | undefined): void {
  try {
    mkdirSync(directory, { mode });
    // The umask takes bits away from a mode.
    if (mode !== undefined) chmodSync(directory, mode);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' || !statSync(directory).isDirectory()) throw error;
  }
}
