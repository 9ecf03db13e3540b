import {
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { TarHeader } from './tar-header.js';
import type { TarSink } from './tar-reader.js';
import { entryParts, refusal, type Tree } from './tree.js';

/** Every file gets this time, so that a tree is the same whenever it is unpacked. Seconds; not 0, which some tools take for "missing". */
const fileTime = 1;

const opaqueMarker = '.wh..wh..opq';
const whiteout = '.wh.';

/** Writes the entries of one layer. Calls are synchronous: most files are smaller than a thread switch. */
export class LayerWriter implements TarSink {
  readonly #root: string;
  readonly #tree: Tree;
  readonly #layer: number;
  readonly #mask: number;
  readonly #count: () => void;
  #file: number | undefined;
  /** Directories of which what lower layers put there is hidden already. */
  readonly #hidden = new Set<string>();

  constructor(root: string, tree: Tree, layer: number, mask: number, count: () => void) {
    this.#root = root;
    this.#tree = tree;
    this.#layer = layer;
    this.#mask = mask;
    this.#count = count;
  }

  entry(header: TarHeader): void {
    this.#count();
    const parts = entryParts(header.path);
    const base = parts.at(-1);
    // The root itself.
    if (base === undefined) return;
    const parent = parts.slice(0, -1);
    if (base === opaqueMarker) {
      this.#hideContent(parent.join('/'));
      return;
    }
    if (base.startsWith(whiteout)) {
      this.#hide([...parent, base.slice(whiteout.length)].join('/'));
      return;
    }
    for (const name of this.#tree.missingAncestors(parts, this.#layer)) {
      this.#count();
      this.#makeDirectory(name, 0o755);
    }
    const name = parts.join('/');
    if (header.kind === 'directory') this.#makeDirectory(name, header.mode);
    else if (header.kind === 'file') this.#makeFile(name, header);
    else if (header.kind === 'symlink') this.#makeSymlink(name, header.linkname ?? '');
    else this.#makeLink(name, header.linkname ?? '');
  }

  content(bytes: Uint8Array, last: boolean): void {
    const file = this.#file;
    if (file === undefined) return;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    if (last) this.close();
  }

  /** Closes the file that is being written, if any. */
  close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    try {
      futimesSync(file, fileTime, fileTime);
    } finally {
      closeSync(file);
    }
  }

  #path(name: string): string {
    return path.join(this.#root, name);
  }

  /** Makes room for an entry of another kind, or of a later layer. */
  #clear(name: string, directory: boolean): void {
    const node = this.#tree.nodes.get(name);
    if (node === undefined) return;
    if (node.layer === this.#layer && (node.kind === 'directory') !== directory) {
      throw refusal(name, 'make one path both a directory and something else');
    }
    this.#remove(name);
  }

  #remove(name: string): void {
    if (this.#tree.remove(name)) rmSync(this.#path(name), { recursive: true, force: true });
  }

  /**
   * A whiteout hides what lower layers put there, and nothing of its own layer, whichever comes first in the archive
   * (image-spec 1.1, layer.md): a directory stays where its own layer put something into it.
   */
  #hide(name: string): void {
    const node = this.#tree.nodes.get(name);
    if (node?.kind === 'directory') this.#hideContent(name);
    if (node?.layer !== this.#layer && this.#tree.isEmpty(name)) this.#remove(name);
  }

  /** An opaque directory hides what lower layers put into it. */
  #hideContent(directory: string): void {
    if (this.#hidden.has(directory)) return;
    this.#hidden.add(directory);
    for (const name of this.#tree.children(directory)) this.#hide(name);
  }

  #makeDirectory(name: string, mode: number): void {
    const node = this.#tree.nodes.get(name);
    if (node?.kind !== 'directory') {
      this.#clear(name, true);
      mkdirSync(this.#path(name), 0o755);
    }
    this.#tree.set(name, { kind: 'directory', mode: readable(mode) | 0o111, layer: this.#layer });
  }

  #makeFile(name: string, header: TarHeader): void {
    this.#clear(name, false);
    const mode = readable(header.mode) & this.#mask;
    this.#file = openSync(this.#path(name), 'wx', mode);
    this.#tree.set(name, { kind: 'file', layer: this.#layer });
    fchmodSync(this.#file, mode);
    if (header.size === 0) this.close();
  }

  #makeSymlink(name: string, target: string): void {
    if (target === '' || target.includes('\0')) {
      throw refusal(name, 'make a symlink without a target');
    }
    this.#clear(name, false);
    symlinkSync(target, this.#path(name));
    this.#tree.set(name, { kind: 'symlink', target, layer: this.#layer });
  }

  #makeLink(name: string, linkname: string): void {
    const target = entryParts(linkname).join('/');
    const node = this.#tree.nodes.get(target);
    // Its ancestors are directories of this tree, or it could not be in it.
    if (node === undefined || node.kind === 'directory') {
      throw refusal(
        name,
        `make a hard link to ${JSON.stringify(linkname.slice(0, 300))}, which is not a file in it`,
      );
    }
    if (target === name) return;
    this.#clear(name, false);
    linkSync(this.#path(target), this.#path(name));
    this.#tree.set(
      name,
      node.kind === 'symlink' ? { ...node, layer: this.#layer } : { kind: 'file', layer: this.#layer },
    );
  }
}

/** Permissions with which everybody may read a file, and run it where its owner may: as root, sandboxes have a user of their own. */
function readable(mode: number): number {
  return (mode & 0o777) | ((mode & 0o100) === 0 ? 0o444 : 0o555);
}
