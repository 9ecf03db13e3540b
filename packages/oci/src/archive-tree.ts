import { OciError } from './errors.js';

/** What stands at a path of an unpacked tree. */
export type Node =
  | { kind: 'directory'; mode: number; layer: number }
  | { kind: 'file'; layer: number }
  | { kind: 'symlink'; target: string; layer: number };

/** A path has at most this many parts, and a chain of symlinks this many links. */
const maximumDepth = 256;
const maximumLinks = 40;

function refuse(path: string, why: string, hint: string): OciError {
  return new OciError('BUNNY_EARCHIVE', `the archive tries to ${why}`, { where: path.slice(0, 300), hint });
}

const rebuild = 'do not trust this archive; whoever made it must make it again';

/**
 * Takes the path of an entry apart. `./` in front, `/` at the end and doubled slashes mean nothing.
 * Throws BUNNY_EARCHIVE for absolute paths, `..` and NUL.
 */
export function entryParts(path: string): string[] {
  if (path.startsWith('/')) throw refuse(path, 'write to an absolute path', rebuild);
  if (path.includes('\0')) throw refuse(path, 'write to a path with a NUL byte', rebuild);
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse(path, 'write outside its directory with ".."', rebuild);
  if (parts.length > maximumDepth || path.length > 4096)
    throw refuse(path.slice(0, 100), 'write too deep a path', rebuild);
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

  /** Throws BUNNY_EARCHIVE where an ancestor of the path is no directory; returns the ancestors that are missing, outermost first. */
  missingAncestors(parts: readonly string[], layer: number): string[] {
    const missing = [];
    let path = '';
    for (const part of parts.slice(0, -1)) {
      path = path === '' ? part : `${path}/${part}`;
      const node = this.#nodes.get(path);
      if (node === undefined) missing.push(path);
      else if (node.kind === 'symlink') {
        throw refuse(parts.join('/'), `write through the symlink ${JSON.stringify(path)}`, rebuild);
      } else if (node.kind === 'file' && node.layer === layer) {
        throw refuse(parts.join('/'), `make ${JSON.stringify(path)} both a file and a directory`, rebuild);
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

  /**
   * Throws BUNNY_EARCHIVE where a symlink, followed through all others, leaves the root. Absolute
   * targets begin at the root where `absolute` says that the tree is a root filesystem; else they leave it.
   */
  checkSymlinks(absolute: boolean): void {
    for (const [path, node] of this.#nodes) {
      if (node.kind === 'symlink') this.#follow(path, node.target, absolute);
    }
  }

  #follow(path: string, target: string, absolute: boolean): void {
    const out = (): OciError =>
      refuse(path, `link out of its root, to ${JSON.stringify(target.slice(0, 300))}`, rebuild);
    let at = path.split('/').slice(0, -1);
    const waiting: string[] = [];
    const enter = (link: string): void => {
      if (link.startsWith('/')) {
        if (!absolute) throw out();
        at = [];
      }
      waiting.push(...link.split('/').reverse());
    };
    enter(target);
    let links = 0;
    for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (at.pop() === undefined) throw out();
        continue;
      }
      const node = this.#nodes.get([...at, part].join('/'));
      if (node?.kind !== 'symlink') {
        at.push(part);
        continue;
      }
      // A cycle leads nowhere, so not outside either.
      if (++links > maximumLinks) return;
      enter(node.target);
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
