import { readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ownPath } from './own-path.js';

/**
 * Finds files of an app that an `#include` may mean instead of the file that a compiler read for it: `net/ip.h` of one
 * directory for `/closure/net/include/net/ip.h`.
 */
export class Namesakes {
  readonly #root: string;
  /** First part of a name that an include may have used -> those names, and the file that was read for each. */
  readonly #includes = new Map<string, { name: string; path: string }[]>();
  readonly #names = new Map<string, ReadonlySet<string>>();
  readonly #found = new Map<string, ReadonlyMap<string, number>>();

  /** `root`: directory of the app, absolute. `read`: all files that compilers read, as they named them. */
  constructor(root: string, read: readonly string[]) {
    this.#root = root;
    for (const path of read) {
      // It may have named any number of the last parts.
      for (let from = path.length; from > 0; ) {
        from = path.lastIndexOf('/', from - 1);
        const name = path.slice(from + 1);
        const first = name.split('/', 1)[0] ?? '';
        const includes = this.#includes.get(first);
        if (includes === undefined) this.#includes.set(first, [{ name, path }]);
        else includes.push({ name, path });
      }
    }
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
    for (const entry of this.#namesIn(directory)) {
      for (const { name, path } of this.#includes.get(entry) ?? []) {
        const namesake = posix.join(directory, name);
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
