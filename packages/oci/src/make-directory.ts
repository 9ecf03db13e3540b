import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './errors.js';

/**
 * Makes a directory, with those above it, where it is missing. On a read-only file system Node says ENOENT
 * when it is asked for those above too; asked for the first missing one alone it says what is wrong.
 */
export function makeDirectory(directory: string, mode?: number): void {
  try {
    mkdirSync(directory, { recursive: true, ...(mode === undefined ? {} : { mode }) });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    mkdirSync(firstMissing(path.resolve(directory)));
    // Somebody else removed one while it was made.
    mkdirSync(directory, { recursive: true, ...(mode === undefined ? {} : { mode }) });
  }
}

function firstMissing(directory: string): string {
  const above = path.dirname(directory);
  return above === directory || existsSync(above) ? directory : firstMissing(above);
}
