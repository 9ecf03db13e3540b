import { posix } from 'node:path';
import { sandbox } from '../plan/sandbox-paths.js';

/** A path as a compiler names it, from `/src`, by path from the Bunnyfile; undefined where it is not the app's. */
export function ownPath(path: string): string | undefined {
  const absolute = posix.resolve(sandbox.source, path);
  if (absolute === sandbox.source) return '.';
  return absolute.startsWith(`${sandbox.source}/`) ? absolute.slice(sandbox.source.length + 1) : undefined;
}
