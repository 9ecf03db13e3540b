import { join, relative } from 'node:path';
import { type HostRoots, hostPath, withHostPaths } from 'bunny-libos-tooling';

/** Where the directories of the sandbox are on this machine. All absolute. */
export interface HostDirectories {
  /** Of the Bunnyfile. */
  source: string;
  roots: HostRoots;
  /** The user's working directory: paths are shown relative to it where they are below it. */
  current: string;
}

/** `cc`'s ways of naming a file at the start of a line. */
const fileAtStart = /^(In file included from |\s+from |)([^\s/:][^:]*)(?=:\d|: )/;

/**
 * Rewrites the paths in a line of a tool's output to paths that are valid where the user is: those of the sandbox,
 * and at the start of a line those from the Bunnyfile. `isSource` tells whether there is a file at such a path.
 */
export function lineForUser(
  line: string,
  { source, roots, current }: HostDirectories,
  isSource: (path: string) => boolean,
): string {
  const shown = (path: string) => shownPath(path, current);
  const [start = '', before = '', path = ''] = fileAtStart.exec(line) ?? [];
  if (start === '' || !isSource(path)) return withHostPaths(line, roots, shown);
  return `${before}${shown(join(source, path))}${withHostPaths(line.slice(start.length), roots, shown)}`;
}

/** Where a file of the sandbox is on this machine; the path itself where it is of the tooling root. */
export function pathOnHost(path: string, { roots }: HostDirectories): string {
  return hostPath(path, roots) ?? path;
}

/** A path relative to the user's directory where it is below it, else absolute. */
export function shownPath(path: string, current: string): string {
  const short = relative(current, path);
  return short === '' || short === '..' || short.startsWith('../') ? path : short;
}
