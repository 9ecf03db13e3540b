import { join, relative } from 'node:path';
import { sandbox } from './sandbox-paths.js';

/** Where the directories of the sandbox are on this machine. All absolute. */
export interface HostDirectories {
  /** Of the Bunnyfile. */
  source: string;
  work: string;
  /** component -> its unpacked layer. */
  closure: ReadonlyMap<string, string>;
  /** The user's working directory: paths are shown relative to it where they are below it. */
  current: string;
}

/** `cc`'s ways of naming a file at the start of a line. */
const fileAtStart = /^(In file included from |\s+from |)([^\s/:][^:]*)(?=:\d|: )/;
const insideSandbox = /(?<![\w/.-])\/(src|work|closure\/[a-z0-9._-]*[a-z0-9])(\/[^\s:'"`()]*)?(?![\w-])/g;

/**
 * Rewrites the paths in a line of a tool's output to paths that are valid where the user is. `isSource` tells
 * whether there is a file at a path relative to the Bunnyfile.
 */
export function withHostPaths(
  line: string,
  directories: HostDirectories,
  isSource: (path: string) => boolean,
): string {
  const shown = (path: string) => shownPath(path, directories.current);
  return line
    .replace(fileAtStart, (whole, before: string, path: string) =>
      isSource(path) ? `${before}${shown(join(directories.source, path))}` : whole,
    )
    .replaceAll(insideSandbox, (whole, top: string, rest = '') => {
      const host = hostDirectory(top, directories);
      return host === undefined ? whole : shown(join(host, rest));
    });
}

/** Where a file of the sandbox is on this machine; the path itself where it is of the tooling root. */
export function hostPath(path: string, directories: HostDirectories): string {
  const [, top = '', rest = ''] = /^\/(src|work|closure\/[^/]+)(?:\/(.*))?$/.exec(path) ?? [];
  const host = hostDirectory(top, directories);
  return host === undefined ? path : join(host, rest);
}

/** A path relative to the user's directory where it is below it, else absolute. */
export function shownPath(path: string, current: string): string {
  const short = relative(current, path);
  return short === '' || short === '..' || short.startsWith('../') ? path : short;
}

function hostDirectory(top: string, { source, work, closure }: HostDirectories): string | undefined {
  if (`/${top}` === sandbox.source) return source;
  if (`/${top}` === sandbox.work) return work;
  return closure.get(top.slice('closure/'.length));
}
