import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from 'bunny-libos-oci';
import { sandboxDirectories } from 'bunny-libos-tooling';
import type { LocalComponent } from '../plan/component-directory.js';
import { readUnchanged } from '../plan/component-file.js';
import { type PublicHeader, publicHeaderName } from '../plan/public-headers.js';

/**
 * The public headers of a component on disk, as those that depend on it are to find them: alone, and in one directory,
 * just as after it is published.
 */
export interface HeaderTree extends FileTree {
  headers: readonly PublicHeader[];
  /** Where it is searched, inside the sandbox. */
  root: string;
}

/** Files of a component on disk that are to be found somewhere else. */
export interface FileTree {
  /** Relative to the plan of a work place. Names what is in it, so that it never changes. */
  path: string;
  local: LocalComponent;
  files: readonly TreeFile[];
}

/** A file of the component's directory, and what it is called in the tree. */
interface TreeFile {
  source: string;
  digest: string;
  name: string;
}

/** Where a tree of headers stands, which commands may read, and not write. `digest` is that of the headers. */
export function headerTree(
  local: LocalComponent,
  headers: readonly PublicHeader[],
  digest: string,
): HeaderTree {
  const { name, version } = local.document.value;
  const files = headers.map((header) => ({ ...header, name: publicHeaderName(header) }));
  const root = headersRoot(name, version, digest);
  return { path: `include/${name}-${version}-${digest.slice(7, 23)}`, local, headers, files, root };
}

/**
 * Where the public headers of a component are searched, inside the sandbox: whether they come from disk or from a registry,
 * as objects may hold the path of a header. `digest` is that of the headers.
 */
export function headersRoot(name: string, version: string, digest: string): string {
  return `${sandboxDirectories.closure}/${name}-${version}-${digest.slice(7, 23)}`;
}

/** Each header of the tree inside the sandbox -> where its maintainer has it. */
export function headerOrigins(tree: HeaderTree): [string, string][] {
  return tree.headers.map((header) => [
    `${tree.root}/${publicHeaderName(header)}`,
    join(dirname(tree.local.file), header.source),
  ]);
}

/**
 * Makes the trees that are not there yet, each whole or not at all. No other process may work in the same directory.
 * Throws BUNNY_ESOURCE where a file is no longer what its digest says.
 */
export async function writeFileTrees(trees: Iterable<FileTree>, plan: string): Promise<void> {
  for (const { path, local, files } of trees) {
    const place = join(plan, path);
    if (await stat(place).catch(() => undefined)) continue;
    const unfinished = `${place}.new`;
    await removeTree(unfinished);
    await mkdir(unfinished, { recursive: true });
    const where = local.document.at([]);
    for (const { name, source, digest } of files) {
      const to = join(unfinished, name);
      await mkdir(dirname(to), { recursive: true });
      await writeFile(to, await readUnchanged(local, { path: source, digest }, where));
    }
    await rename(unfinished, place);
  }
}
