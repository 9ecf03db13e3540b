import { listTree, type TreeEntry } from 'bunny-libos-oci';
import type { BuildTree } from './build-tree.js';
import { refused } from './refused.js';
import { isWithin } from './source-roots.js';

/** What compilers include; other files in a searched directory are sources, or of the build. */
const header = /(?:\.(?:h|hh|hpp|hxx|inc|def|ipp|tcc)|^[^.]+)$/;
/** Files that one import may have: a tree with musl and lwIP has 3000. */
const mostHeaders = 50_000;
/** Where the list of libraries stands, which is made for each image. */
export const libraryIds = 'uk/bits/libid.h';
/** Where the configuration stands. */
export const configHeader = 'uk/bits/config.h';
/** Symbols of the configuration that are of the app and of the machine that built it. */
const ownSymbols = /^#define CONFIG_UK_(?:NAME|DEFNAME|APP|BASE) .*\n/gm;

/** Directories that an app's compiler searches, in order, from the command of one of its sources. */
export function searchedDirectories(words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith('-I')).map((word) => word.slice(2));
}

/** The configuration without what is of one app and one machine. */
export function neutralConfig(text: string): string {
  return text.replaceAll(ownSymbols, '');
}

/**
 * The headers that an app of this configuration sees, by the paths by which it includes them: of two with one path, the
 * one that is searched first. Links are followed as long as they stay in what the tree was built of. Throws
 * BUNNY_EIMPORT, BUNNY_ELIMIT.
 */
export function publicHeaders(tree: BuildTree, directories: readonly string[]): Map<string, Buffer> {
  const headers = new Map<string, Buffer>();
  for (const directory of directories) {
    // What the app has of its own stays with it.
    if (tree.roots.labelled(directory) === undefined && isWithin(directory, tree.app)) continue;
    for (const path of headersBelow(tree, directory)) {
      if (headers.has(path) || path === libraryIds) continue;
      const content = tree.roots.read(`${directory}/${path}`);
      headers.set(path, path === configHeader ? Buffer.from(neutralConfig(content.toString())) : content);
      if (headers.size > mostHeaders) {
        throw refused(
          `more than ${mostHeaders} headers are searched`,
          directory,
          'see what the app includes from',
        );
      }
    }
  }
  return headers;
}

function headersBelow({ roots }: BuildTree, directory: string): string[] {
  const held = roots.directory(directory);
  if (held === undefined) return [];
  try {
    return listTree(held).flatMap((entry) => headersAt(roots, directory, entry));
  } finally {
    held.close();
  }
}

/** The header at an entry, or those below it where it is a link to a directory. */
function headersAt(roots: BuildTree['roots'], directory: string, { path, kind }: TreeEntry): string[] {
  const isHeader =
    header.test(path.split('/').at(-1) ?? '') && !/(?:^|\/)(?:Makefile|config)(?:\/|$)/.test(path);
  if (kind === 'file') return isHeader ? [path] : [];
  if (kind !== 'symlink' || !roots.isThere(`${directory}/${path}`)) return [];
  const below = roots.linkedDirectory(`${directory}/${path}`);
  if (below === undefined) return isHeader ? [path] : [];
  try {
    // Links below a linked directory are not followed: they might lead in a circle.
    return listTree(below)
      .filter((entry) => entry.kind === 'file' && header.test(entry.path.split('/').at(-1) ?? ''))
      .map((entry) => `${path}/${entry.path}`);
  } finally {
    below.close();
  }
}
