import { randomBytes } from 'node:crypto';
import { link, readdir, rename, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf, fileError, isNotFound, OciError, throwIfAborted } from '../content/errors.js';
import { makeDirectory } from './make-directory.js';
import { identity, isFree, unseenHolderLives } from './process-identity.js';
import { removeTree } from './remove-tree.js';

export interface HoldOptions {
  /** Milliseconds to wait for other holders; a minute unless said. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Removes the directory afterwards: it must be this lock's alone, and everybody who holds the lock must say so. */
  leaveNothing?: boolean | undefined;
}

const ticketPrefix = 'ticket.';

/**
 * A lock between processes that share a directory, released by the kernel's knowledge of who lives:
 * a holder that was killed is succeeded at once, and never by two.
 *
 * The lock is a row of files `<name>.<generation>`. Whoever makes the next generation (a hard link, which
 * the file system makes exclusive) while the last one is released (empty) or its holder is dead, holds the
 * lock. Old generations are removed, the last one never is, so a process that looked long ago and makes a
 * generation that was used before sees a higher one beside it and steps back.
 */
export class FileLock {
  readonly #directory: string;
  readonly #name: string;

  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** Runs `action` while no other process holds the lock. Throws BUNNY_ETIMEOUT after `timeout` milliseconds. */
  async hold<T>(action: () => Promise<T>, options: HoldOptions = {}): Promise<T> {
    const file = await this.#acquire(options.timeout ?? 60_000, options.signal);
    try {
      return await action();
    } finally {
      if (!options.leaveNothing || !(await this.#dissolve())) await truncate(file, 0).catch(() => undefined);
    }
  }

  /**
   * Takes the directory away while it is locked. Whoever waits has to begin in a new one, as its ticket is gone
   * too: nobody can go on from the generations that were here.
   */
  async #dissolve(): Promise<boolean> {
    const gone = `${this.#directory}.${randomBytes(6).toString('hex')}`;
    try {
      await rename(this.#directory, gone);
    } catch {
      return false;
    }
    await removeTree(gone).catch(() => undefined);
    return true;
  }

  async #acquire(timeout: number, signal: AbortSignal | undefined): Promise<string> {
    const ticket = path.join(
      this.#directory,
      `${ticketPrefix}${process.pid}.${randomBytes(6).toString('hex')}`,
    );
    const deadline = performance.now() + timeout;
    try {
      for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
        throwIfAborted(signal);
        const file = await this.#attempt(ticket);
        if (file !== undefined) {
          await this.#sweep().catch(() => undefined);
          return file;
        }
        if (performance.now() > deadline) {
          throw new OciError('BUNNY_ETIMEOUT', 'another process holds the lock', {
            where: path.join(this.#directory, this.#name),
            hint: 'wait for the other process, or end it, and run again',
          });
        }
        await sleep(pause * (0.5 + Math.random()));
      }
    } catch (error) {
      throw fileError(error, this.#directory);
    } finally {
      await unlink(ticket).catch(() => undefined);
    }
  }

  /** The file of the generation that this process has made; undefined where the lock is not free. */
  async #attempt(ticket: string): Promise<string | undefined> {
    try {
      await this.#write(ticket);
      return await this.#succeed(ticket);
    } catch (error) {
      // The directory was taken away meanwhile.
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #write(ticket: string): Promise<void> {
    makeDirectory(this.#directory);
    await writeFile(ticket, identity(), { flag: 'wx' }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }

  async #succeed(ticket: string): Promise<string | undefined> {
    const last = (await this.#generations()).reduce((high, each) => Math.max(high, each), 0);
    if (last > 0 && !(await isFree(this.#file(last)))) return undefined;
    const mine = last + 1;
    try {
      await link(ticket, this.#file(mine));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return undefined;
      throw error;
    }
    const others = await this.#generations();
    // Old generations go in ascending order: were this one a used one, the one before it would be gone.
    const isNew = last === 0 || others.includes(last);
    if (!isNew || others.some((each) => each > mine)) {
      await unlink(this.#file(mine)).catch(() => undefined);
      return undefined;
    }
    for (const old of others.sort((x, y) => x - y)) {
      if (old < mine) await unlink(this.#file(old)).catch(() => undefined);
    }
    return this.#file(mine);
  }

  /** Removes the tickets of processes that were killed while they waited. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(ticketPrefix)) continue;
      const file = path.join(this.#directory, name);
      // An empty one may be about to be written.
      const { size, mtimeMs } = await stat(file).catch(() => ({
        size: 0,
        mtimeMs: Number.POSITIVE_INFINITY,
      }));
      const dead = size === 0 ? Date.now() - mtimeMs > unseenHolderLives : await isFree(file);
      if (dead) await unlink(file).catch(() => undefined);
    }
  }

  #file(generation: number): string {
    return path.join(this.#directory, `${this.#name}.${generation}`);
  }

  async #generations(): Promise<number[]> {
    const prefix = `${this.#name}.`;
    const names = await readdir(this.#directory);
    return names
      .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
      .map((name) => Number(name.slice(prefix.length)));
  }
}
