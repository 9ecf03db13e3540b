import { OciError } from '../content/errors.js';

/** What stands at a path of an unpacked tree. */
export type Node =
  | { kind: 'directory'; mode: number; layer: number }
  | { kind: 'file'; layer: number }
  | { kind: 'symlink'; target: string; layer: number };

/** A path has at most this many parts. */
const maximumDepth = 256;

/** The error for an archive that tries to do what none may. */
export function refusal(path: string, why: string): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive tries to ${why}`, {
    where: path.slice(0, 300),
    hint: 'do not trust this archive; whoever made it must make it again',
  });
}

/**
 * Takes the path of an entry apart. `./` in front, `/` at the end and doubled slashes mean nothing.
 * Throws BUNNY_EARCHIVE for absolute paths, `..` and NUL.
 */
export function entryParts(path: string): string[] {
  if (path.startsWith('/')) throw refusal(path, 'write to an absolute path');
  if (path.includes('\0')) throw refusal(path, 'write to a path with a NUL byte');
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refusal(path, 'write outside its directory with ".."');
  if (parts.length > maximumDepth || path.length > 4096)
    throw refusal(path.slice(0, 100), 'write too deep a path');
  return parts;
}

/**
 * What has been unpacked so far, by one or several layers. Paths are looked up here and not on the
 * disk, so no symlink is ever followed.
 */
export class Tree {
  readonly #nodes = new Map<string, Node>();
  /** Directory, '' for the root -> paths of what is in it: a layer may remove a directory with each of its entries. */
  readonly #children = new Map<string, Set<string>>();

  /** By path, in the order in which they came. */
  get nodes(): ReadonlyMap<string, Node> {
    return this.#nodes;
  }

  set(path: string, node: Node): void {
    this.#nodes.set(path, node);
    const parent = parentOf(path);
    const siblings = this.#children.get(parent);
    if (siblings === undefined) this.#children.set(parent, new Set([path]));
    else siblings.add(path);
  }

  /** Paths of what a directory holds, '' for the root. */
  children(directory: string): string[] {
    return [...(this.#children.get(directory) ?? [])];
  }

  /** False for a directory that holds something. */
  isEmpty(path: string): boolean {
    return (this.#children.get(path)?.size ?? 0) === 0;
  }

  /** Throws BUNNY_EARCHIVE where an ancestor of the path is no directory; returns the ancestors that are missing, outermost first. */
  missingAncestors(parts: readonly string[], layer: number): string[] {
    const missing = [];
    let path = '';
    for (const part of parts.slice(0, -1)) {
      path = path === '' ? part : `${path}/${part}`;
      const node = this.#nodes.get(path);
      if (node === undefined) missing.push(path);
      else if (node.kind === 'symlink') {
        throw refusal(parts.join('/'), `write through the symlink ${JSON.stringify(path)}`);
      } else if (node.kind === 'file' && node.layer === layer) {
        throw refusal(parts.join('/'), `make ${JSON.stringify(path)} both a file and a directory`);
      } else if (node.kind === 'file') missing.push(path);
    }
    return missing;
  }

  /** Forgets a path and all below it; returns whether there was anything. */
  remove(path: string): boolean {
    if (!this.#nodes.has(path)) return false;
    this.#children.get(parentOf(path))?.delete(path);
    this.#forget(path);
    return true;
  }

  #forget(path: string): void {
    this.#nodes.delete(path);
    for (const child of this.#children.get(path) ?? []) this.#forget(child);
    this.#children.delete(path);
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
