import { randomBytes } from 'node:crypto';
import { openSync, unlinkSync, writeSync } from 'node:fs';
import { readdir, readFile, unlink } from 'node:fs/promises';
import path from 'node:path';
import { makeDirectory } from '../disk/make-directory.js';
import { identity, isFree } from '../disk/process-identity.js';

/** A process in another container, whose life cannot be seen, may take so long between two marks. Milliseconds. */
const unseenUserLives = 60 * 60 * 1000;

/**
 * Says to other processes which content of a store this one uses, by a file of digests that ends with the process: what
 * is in use is not pruned. A process that was killed uses nothing any more.
 */
export class UseMarks {
  readonly #directory: string;
  readonly #marked = new Set<string>();
  #file: { path: string; descriptor: number } | undefined;
  #isPossible = true;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Marks content until this process ends: before it is looked for, so that it stays once it was there. */
  mark(digests: Iterable<string>): void {
    const added = [...digests].filter((digest) => !this.#marked.has(digest));
    if (added.length === 0 || !this.#isPossible) return;
    for (const digest of added) this.#marked.add(digest);
    try {
      this.#file ??= this.#begin();
      writeSync(this.#file.descriptor, added.map((digest) => `${digest}\n`).join(''));
    } catch {
      // A store that may only be read, or a full disk: others may prune, and what is gone then is fetched again.
      this.#isPossible = false;
    }
  }

  /** What other users of the store have marked. Removes the marks of those that live no more. */
  async ofOthers(): Promise<Set<string>> {
    const digests = new Set<string>();
    for (const name of await readdir(this.#directory).catch(() => [])) {
      const file = path.join(this.#directory, name);
      if (file === this.#file?.path) continue;
      if (await isFree(file, unseenUserLives).catch(() => false)) {
        await unlink(file).catch(() => undefined);
        continue;
      }
      const lines = await readFile(file, 'utf8').catch(() => '');
      for (const digest of lines.split('\n').slice(3)) digests.add(digest);
    }
    return digests;
  }

  #begin(): { path: string; descriptor: number } {
    makeDirectory(this.#directory);
    const file = path.join(this.#directory, `${process.pid}.${randomBytes(6).toString('hex')}`);
    const descriptor = openSync(file, 'ax', 0o600);
    writeSync(descriptor, identity());
    if (files.size === 0) process.once('exit', removeAll);
    files.add(file);
    return { path: file, descriptor };
  }
}

const files = new Set<string>();

function removeAll(): void {
  for (const file of files) {
    try {
      unlinkSync(file);
    } catch {
      // Whoever prunes next sees that its process has ended.
    }
  }
}
