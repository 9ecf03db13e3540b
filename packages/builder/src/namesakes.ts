import { readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ownPath } from './app-inputs.js';

/**
 * Finds files of an app that an `#include` may mean instead of the file that a compiler read for it: `net/ip.h` of one
 * directory for `/closure/net/include/net/ip.h`.
 */
export class Namesakes {
  readonly #root: string;
  readonly #read: readonly string[];
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #found = new Map<string, ReadonlyMap<string, number>>();

  /** `root`: directory of the app, absolute. `read`: all files that compilers read, as they named them. */
  constructor(root: string, read: readonly string[]) {
    this.#root = root;
    this.#read = read;
  }

  /** When the last namesake of these files came to its place below a directory. Milliseconds; 0 where there is none. */
  lastOf(read: readonly string[], directory: string): number {
    const found = this.#found.get(directory) ?? this.#search(directory);
    this.#found.set(directory, found);
    let last = 0;
    if (found.size > 0) for (const path of read) last = Math.max(last, found.get(path) ?? 0);
    return last;
  }

  #search(directory: string): Map<string, number> {
    const found = new Map<string, number>();
    const names = this.#namesIn(directory);
    for (const path of this.#read) {
      const parts = path.split('/');
      // The include may have named any number of the last parts.
      for (const [index, part] of parts.entries()) {
        if (!names.has(part)) continue;
        const namesake = posix.join(directory, ...parts.slice(index));
        if (ownPath(path) === namesake || !this.#exists(namesake)) continue;
        const status = statSync(join(this.#root, namesake), { throwIfNoEntry: false });
        found.set(path, Math.max(found.get(path) ?? 0, status?.ctimeMs ?? 0));
      }
    }
    return found;
  }

  #exists(path: string): boolean {
    return this.#namesIn(posix.dirname(path)).has(posix.basename(path));
  }

  #namesIn(directory: string): ReadonlySet<string> {
    const names = this.#names.get(directory) ?? namesIn(join(this.#root, directory));
    this.#names.set(directory, names);
    return names;
  }
}

/** Empty where there is no such directory. */
function namesIn(directory: string): Set<string> {
  try {
    return new Set(readdirSync(directory));
  } catch {
    return new Set();
  }
}
