import { join } from 'node:path';

/** Directories of the sandbox -> where they are on this machine. All absolute. */
export type HostRoots = ReadonlyMap<string, string>;

/** An absolute path in a tool's words, up to what cannot be part of one there. */
const absolutePath = /(?<![\w/.-])\/[^\s:'"`()]+/g;

/** Where a file of the sandbox is on this machine; undefined where it is of the tooling root. */
export function hostPath(path: string, roots: HostRoots): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const root = roots.get(path.slice(0, end));
    if (root !== undefined) return join(root, path.slice(end));
  }
  return undefined;
}

/** Rewrites the paths of the sandbox in a line of a tool's output. `shown` gives a path of this machine to people. */
export function withHostPaths(line: string, roots: HostRoots, shown: (path: string) => string): string {
  return line.replaceAll(absolutePath, (words) => {
    // A full stop may end the name, or the sentence.
    for (const path of [words, words.replace(/[.,;]+$/, '')]) {
      const host = hostPath(path, roots);
      if (host !== undefined) return shown(host) + words.slice(path.length);
    }
    return words;
  });
}
