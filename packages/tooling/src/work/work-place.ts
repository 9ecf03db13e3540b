import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  codeOf,
  emptyDirectory,
  FileLock,
  HeldDirectory,
  type HeldFile,
  makeDirectory,
  OciError,
  removeTree,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { sandboxDirectories } from '../sandbox/directories.js';
import { type FilesRead, parseDependencies, requireInside, type Surroundings } from './dependency-listing.js';
import { sizeLimits } from './size-limits.js';

/** Name of the file in which commands leave what dependency files said. */
export const listingFile = 'dependencies';

/**
 * A place on this machine where commands run in the sandbox, again and again. It has one directory that they may
 * write, `work`, and beside it what this process relies on: `plan`, which they may read, and what they cannot see.
 * Whatever is in `work` was made by who knows whom: it is opened without following a link, and read as a regular file.
 */
export class WorkPlace {
  readonly path: string;
  /** Seen as `/plan`, read-only. */
  readonly plan: string;
  /** Seen as `/work`, writable. */
  readonly work: string;
  #dependencies: KeptDependencies | undefined;

  /** `path`: a directory that only this user can write, made where it is missing. */
  constructor(path: string) {
    this.path = path;
    this.plan = join(path, 'plan');
    this.work = join(path, 'work');
  }

  /** Runs `action` while no other process works here. `timeout`: milliseconds to wait for it. */
  hold<T>(
    action: () => Promise<T>,
    options: { timeout: number; signal: AbortSignal | undefined },
  ): Promise<T> {
    return new FileLock(join(this.path, 'lock'), 'build').hold(action, options);
  }

  /** Removes the place, unless a process works in it for longer than `patience` (milliseconds); tells whether it did. */
  async discard(patience: number): Promise<boolean> {
    try {
      await this.hold(() => removeTree(this.path), { timeout: patience, signal: undefined });
      return true;
    } catch (error) {
      if (codeOf(error) === 'BUNNY_ETIMEOUT') return false;
      throw error;
    }
  }

  /**
   * Makes the place ready for commands of these origins: what else could have decided what they do, such as flags and
   * a compiler, by a digest of it. Where commands of another origin have been here, or nobody knows which, all that
   * they left is removed: it may be made to be taken for the work of these. Throws as `emptyDirectory`.
   */
  async prepare(origins: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const directory of [this.plan, this.work]) {
      makeDirectory(directory, 0o755);
    }
    const known = new Set(origins);
    const before = this.kept<string[]>('origins.json');
    if (before?.every((origin) => known.has(origin)) && before.length === known.size) return;
    if (!before?.every((origin) => known.has(origin))) {
      for (const name of ['origins.json', 'dependencies.json'])
        rmSync(join(this.path, name), { force: true });
      this.#dependencies = undefined;
      const work = HeldDirectory.open(this.work);
      try {
        work.unlock();
        await emptyDirectory(work, signal);
      } finally {
        work.close();
      }
    }
    // Before the first of them runs: a run that is cut short leaves what it has made, and this.
    this.keep('origins.json', [...known]);
  }

  /** Writes files that commands may read, those that differ from what is there: the times of the others stay. */
  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.plan, name);
      if (textAt(path) === text) continue;
      writeFileSync(path, text);
      // The sandbox may be another user, whatever the umask of this one.
      chmodSync(path, 0o644);
    }
  }

  /**
   * Holds a file that commands have made, by its path inside (`/work/…`). Throws BUNNY_EPATH where it is a link, or
   * stands behind one, or is another's as well by a hard link; BUNNY_ENOFILE where it is no regular file; BUNNY_ELIMIT
   * where it has more than `limit` bytes.
   */
  file(path: string, limit: number): HeldFile {
    return this.#inWork((work) => work.fileBelow(belowWork(path), { limit, sole: true }));
  }

  /** The bytes of such a file. Throws as `file`. */
  read(path: string, limit: number): Buffer {
    return this.#inWork((work) => work.read(belowWork(path), { limit, sole: true }));
  }

  /** Removes such a file, where there is one. Throws BUNNY_EPATH where a directory on the way is a link. */
  remove(path: string): void {
    this.#inWork((work) => {
      const directory = work.below(posix.dirname(belowWork(path)));
      try {
        directory.remove(posix.basename(path));
      } finally {
        directory.close();
      }
    });
  }

  /**
   * Reads the listing of dependencies that commands have left, where it is another than before, and keeps it where they
   * cannot write. Throws BUNNY_EPATH as `requireInside`, and as `file`.
   */
  takeDependencies(surroundings: Surroundings): void {
    const status = this.#inWork((work) => work.status(listingFile));
    if (status === undefined) return;
    const taken = [status.ino, status.size, status.mtimeMs, status.ctimeMs].join(' ');
    if (this.#keptDependencies().taken === taken) return;
    const files = parseDependencies(this.read(inWork(listingFile), sizeLimits.dependencies).toString());
    requireInside(files, surroundings);
    this.keep('dependencies.json', { taken, ...tableOf(files) });
    this.#dependencies = { taken, files };
  }

  /** What the last listing says that was taken. */
  dependencies(): FilesRead {
    return this.#keptDependencies().files;
  }

  /** Keeps a value where commands neither read nor write it. */
  keep(name: string, value: unknown): void {
    writeFileSync(join(this.path, name), JSON.stringify(value));
  }

  /** A value that was kept; undefined where there is none, or it was being written when the machine stopped. */
  kept<T>(name: string): T | undefined {
    try {
      return JSON.parse(textAt(join(this.path, name)) ?? '') as T;
    } catch {
      return undefined;
    }
  }

  #keptDependencies(): KeptDependencies {
    if (this.#dependencies === undefined) {
      const kept = this.kept<{ taken: string } & DependencyTable>('dependencies.json');
      this.#dependencies = { taken: kept?.taken, files: kept === undefined ? new Map() : filesOf(kept) };
    }
    return this.#dependencies;
  }

  #inWork<T>(action: (work: HeldDirectory) => T): T {
    const work = HeldDirectory.open(this.work);
    try {
      return action(work);
    } catch (error) {
      throw error instanceof OciError ? leftSo(error) : error;
    } finally {
      work.close();
    }
  }
}

function leftSo(cause: OciError): BunnyError {
  const { code, message, where } = cause;
  return new BunnyError(code, message, {
    where: where ?? sandboxDirectories.work,
    hint: 'a command that ran in the sandbox has left it so: look at the flags, and at who made the tooling layer',
    cause,
    exitStatus: exitStatus.buildFailed,
  });
}

interface KeptDependencies {
  /** Names the listing that they are of. */
  taken: string | undefined;
  files: FilesRead;
}

/** The same, each path once. */
interface DependencyTable {
  paths: readonly string[];
  outputs: readonly (readonly [string, readonly number[]])[];
}

function tableOf(files: FilesRead): DependencyTable {
  const numbers = new Map<string, number>();
  const outputs = [...files].map(([output, read]) => {
    for (const path of read) if (!numbers.has(path)) numbers.set(path, numbers.size);
    return [output, read.map((path) => numbers.get(path) ?? 0)] as const;
  });
  return { paths: [...numbers.keys()], outputs };
}

function filesOf({ paths, outputs }: DependencyTable): FilesRead {
  return new Map(outputs.map(([output, numbers]) => [output, numbers.map((number) => paths[number] ?? '')]));
}

/** A path inside the sandbox, from its work directory. Throws BUNNY_EPATH, once it is looked up, where it is not in it. */
function belowWork(path: string): string {
  return posix.relative(sandboxDirectories.work, posix.resolve(sandboxDirectories.work, path));
}

function inWork(name: string): string {
  return `${sandboxDirectories.work}/${name}`;
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
