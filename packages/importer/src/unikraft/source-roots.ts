import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { refused } from './refused.js';

/** Bytes that one file may have. */
const limits = { text: 8 << 20, object: 512 << 20 };

interface Root {
  /** For paths of what is written: `base/lib/ukboot/boot.c`. */
  label: string;
  /** As commands of the tree write it. */
  path: string;
  real: string;
  held: HeldDirectory;
}

/**
 * The directories that a build was made of: the build itself, Unikraft, the app, libraries from elsewhere. A tree names
 * paths all over the machine: only what is in one of these is read, also over links.
 */
export class SourceRoots {
  readonly #roots: Root[] = [];

  /** Adds a directory under the name that commands have for it. Throws BUNNY_EIMPORT where it is not there. */
  add(label: string, path: string): void {
    if (!this.isThere(path)) {
      throw refused(
        'a directory that the tree was built from is not there',
        path,
        'import it where it was built',
      );
    }
    const real = realpathSync(path);
    this.#roots.push({ label, path: resolve(path), real, held: HeldDirectory.open(real) });
    // The longest one first: a build lies in its app.
    this.#roots.sort((a, b) => b.path.length - a.path.length);
  }

  close(): void {
    for (const { held } of this.#roots) held.close();
  }

  /** Where a path of a command belongs, as `label/path`; undefined where it is in no root. */
  labelled(path: string): string | undefined {
    const root = this.#roots.find((one) => isWithin(path, one.path));
    if (root === undefined) return undefined;
    const below = relative(root.path, resolve(path));
    return below === '' ? root.label : `${root.label}/${below}`;
  }

  /** The bytes of a regular file. Throws BUNNY_EIMPORT where it leads out, and what HeldDirectory throws. */
  read(path: string, kind: keyof typeof limits = 'text'): Buffer {
    const { root, below } = this.#find(path);
    return root.held.read(below, { limit: limits[kind] });
  }

  text(path: string): string {
    return this.read(path).toString();
  }

  /** Holds a directory, which the caller closes; undefined where there is none. */
  directory(path: string): HeldDirectory | undefined {
    if (!this.isThere(path)) return undefined;
    const { root, below } = this.#find(path);
    return root.held.below(below === '' ? '.' : below);
  }

  /** The same for a link that leads to a directory; undefined where it leads to something else. */
  linkedDirectory(path: string): HeldDirectory | undefined {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? this.directory(path) : undefined;
  }

  isThere(path: string): boolean {
    try {
      realpathSync(path);
      return true;
    } catch {
      return false;
    }
  }

  #find(path: string): { root: Root; below: string } {
    if (!this.isThere(path)) {
      throw refused(
        'the tree is incomplete: a file that it was built from, or that its build leaves, is missing',
        path,
        'run make in it again, and import it where it was built',
      );
    }
    const real = realpathSync(path);
    const root = this.#roots.find((one) => isWithin(real, one.real));
    if (root !== undefined && this.labelled(path) !== undefined)
      return { root, below: relative(root.real, real) };
    throw refused(
      'the tree names a file outside of the build, of Unikraft, and of its libraries',
      real === path ? path : `${path} -> ${real}`,
      'import what you have built yourself, or move what it uses into one of these',
    );
  }
}

/** Whether a path is a directory or lies below it, by its text. */
export function isWithin(path: string, directory: string): boolean {
  const inside = relative(directory, resolve(path));
  return inside !== '..' && !inside.startsWith('../') && !isAbsolute(inside);
}
