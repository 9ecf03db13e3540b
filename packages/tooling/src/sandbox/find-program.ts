import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/**
 * Absolute path of a program as a shell finds it: a name with a slash is a path, any other is looked up in
 * PATH. Undefined where there is no such executable file.
 */
export function findProgram(name: string, path: string = process.env.PATH ?? ''): string | undefined {
  const candidates = name.includes('/')
    ? [resolve(name)]
    : path
        .split(delimiter)
        .filter((directory) => directory !== '')
        .map((directory) => join(resolve(directory), name));
  return candidates.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
