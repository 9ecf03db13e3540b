import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { codeOf, OciError } from '../content/errors.js';
import { HeldFile, type HeldFileOptions } from './held-file.js';

/** Names a file without opening it, so that no pipe waits and no device notices (open(2)). Node does not name it. */
const O_PATH = 0o10000000;

/** Of a child: text, or its bytes, where they need not be UTF-8. */
export type ChildName = string | Buffer;

/**
 * A directory that is held open, so that what is done in it is done there whatever becomes of its path meanwhile. Its
 * children are reached through the descriptor (`/proc/self/fd/N/name`), for want of openat in Node, and never through
 * a link: where a name is one, that is BUNNY_EPATH. Nothing here waits, whatever stands at a name. What the file
 * system refuses is thrown as it comes, with the path that people know.
 */
export class HeldDirectory {
  /** As people know it. */
  readonly path: string;
  readonly #descriptor: number;

  private constructor(directory: string, descriptor: number) {
    this.path = directory;
    this.#descriptor = descriptor;
  }

  /** Holds the directory at a path, which itself may lead over links: whoever names it means it. Close it again. */
  static open(directory: string): HeldDirectory {
    return new HeldDirectory(directory, openDirectory(directory, directory));
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** A path to it that holds in this process, while it is open. */
  get place(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  /** Holds a subdirectory. Throws BUNNY_EPATH where it is a link, BUNNY_ENOFILE where it is no directory. */
  enter(name: ChildName): HeldDirectory {
    const descriptor = this.#point(name);
    const shown = this.#shown(name);
    if (fstatSync(descriptor).isDirectory()) return new HeldDirectory(shown, descriptor);
    closeSync(descriptor);
    throw isNo('directory', shown);
  }

  /**
   * Holds the directory at a path below this one (`a/b/c`; `.` is this one, once more). Throws as `enter`, about the
   * first component that is a link, and BUNNY_EPATH for `..` and for an absolute path.
   */
  below(below: string): HeldDirectory {
    return this.#descend(below, (held, name) => held.enter(name));
  }

  /** Holds a subdirectory that is made where it is missing. Throws as `enter`, and EEXIST where a file has its name. */
  make(name: string, mode = 0o777): HeldDirectory {
    try {
      named(this.#shown(name), () => mkdirSync(this.#at(name), { mode }));
    } catch (error) {
      const there = codeOf(error) === 'EEXIST' ? this.status(name) : undefined;
      if (there === undefined || !(there.isDirectory() || there.isSymbolicLink())) throw error;
    }
    return this.enter(name);
  }

  /** Holds the directory at a path below this one, made with those above it where they are missing. Throws as `below`. */
  makeBelow(below: string, mode?: number): HeldDirectory {
    return this.#descend(below, (held, name) => held.make(name, mode));
  }

  /**
   * Holds the regular file of this name, for reading. Throws BUNNY_EPATH where it is a link, BUNNY_ENOFILE where it is
   * no regular file, and as `HeldFile`.
   */
  file(name: string, options: HeldFileOptions): HeldFile {
    const descriptor = this.#point(name);
    const shown = this.#shown(name);
    try {
      if (!fstatSync(descriptor).isFile()) throw isNo('regular file', shown);
      // By its descriptor: the name may be another file's by now.
      return named(shown, () => new HeldFile(shown, `/proc/self/fd/${descriptor}`, options));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Holds the regular file at a path below this directory (`a/b/c`). Throws as `below` and `file`. */
  fileBelow(below: string, options: HeldFileOptions): HeldFile {
    const directory = this.below(path.posix.dirname(below));
    try {
      return directory.file(path.posix.basename(below), options);
    } finally {
      directory.close();
    }
  }

  /** The bytes of the regular file at a path below this directory (`a/b/c`). Throws as `fileBelow`. */
  read(below: string, options: HeldFileOptions): Buffer {
    const file = this.fileBelow(below, options);
    try {
      return named(file.path, () => file.read());
    } finally {
      file.close();
    }
  }

  /** What stands at a name: of a link, the link's own. Undefined where there is nothing. */
  status(name: ChildName): Stats | undefined {
    return named(this.#shown(name), () => lstatSync(this.#at(name), { throwIfNoEntry: false }));
  }

  /** Where a link of this name leads. */
  linkTarget(name: string): string {
    return named(this.#shown(name), () => readlinkSync(this.#at(name)));
  }

  /** Names of all that is in it, sorted. */
  list(): string[] {
    return named(this.path, () => readdirSync(`${this.place}/`)).sort();
  }

  /** All that is in it, with its kind, in no order. */
  entries(): Dirent[] {
    return named(this.path, () => readdirSync(`${this.place}/`, { withFileTypes: true }));
  }

  /** Names of all that is in it, as bytes. */
  listBytes(): Buffer[] {
    return named(this.path, () => readdirSync(`${this.place}/`, { encoding: 'buffer' }));
  }

  /** Opens a new file for writing; the caller closes the descriptor. Whatever has the name already is EEXIST, a link too. */
  create(name: string, mode = 0o666): number {
    return named(this.#shown(name), () => openSync(this.#at(name), 'wx', mode));
  }

  /** Replaces the file of this name in one step: a link, too, is replaced, not followed. */
  write(name: string, content: string | Uint8Array, mode?: number): void {
    const temporary = `.${name}.${randomBytes(6).toString('hex')}`;
    try {
      const descriptor = this.create(temporary, mode);
      try {
        named(this.#shown(name), () => writeFileSync(descriptor, content));
      } finally {
        closeSync(descriptor);
      }
      this.rename(temporary, name);
    } catch (error) {
      this.remove(temporary);
      throw error;
    }
  }

  /** Gives what has one name another, here or in `directory`. A link is moved, and replaced, not followed. */
  rename(from: ChildName, to: ChildName, directory: HeldDirectory = this): void {
    named(directory.#shown(to), () => renameSync(this.#at(from), directory.#at(to)));
  }

  /** Removes a file or link, where there is one. */
  remove(name: ChildName): void {
    try {
      named(this.#shown(name), () => unlinkSync(this.#at(name)));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  /** Removes an empty directory. */
  removeDirectory(name: ChildName): void {
    named(this.#shown(name), () => rmdirSync(this.#at(name)));
  }

  /** Lets its owner do everything in it, where that is who asks: else it stays as it is. */
  unlock(): void {
    try {
      chmodSync(`${this.place}/`, 0o700);
    } catch {
      // What cannot be done for want of it says so itself.
    }
  }

  #descend(below: string, step: (held: HeldDirectory, name: string) => HeldDirectory): HeldDirectory {
    if (path.posix.isAbsolute(below)) throw leadsOut(below, this.path);
    let held = new HeldDirectory(this.path, openDirectory(`${this.place}/`, this.path));
    for (const name of below.split('/')) {
      if (name === '' || name === '.') continue;
      const above = held;
      try {
        held = step(above, name);
      } finally {
        above.close();
      }
    }
    return held;
  }

  /** A descriptor that only points to what stands there now. Throws BUNNY_EPATH where that is a link. */
  #point(name: ChildName): number {
    const shown = this.#shown(name);
    const descriptor = named(shown, () => openSync(this.#at(name), O_PATH | constants.O_NOFOLLOW));
    if (!fstatSync(descriptor).isSymbolicLink()) return descriptor;
    closeSync(descriptor);
    throw new OciError('BUNNY_EPATH', 'this is a link, which may lead anywhere: it is not followed', {
      where: shown,
      hint: 'replace it with what it points to',
      exitStatus: 2,
    });
  }

  #at(name: ChildName): ChildName {
    const text = name.toString('latin1');
    if (text === '' || text === '.' || text === '..' || /[/\0]/.test(text)) throw leadsOut(text, this.path);
    return typeof name === 'string'
      ? `${this.place}/${name}`
      : Buffer.from(`${this.place}/${text}`, 'latin1');
  }

  #shown(name: ChildName): string {
    return path.join(this.path, name.toString());
  }
}

function openDirectory(place: string, shown: string): number {
  return named(shown, () => openSync(place, O_PATH | constants.O_DIRECTORY));
}

/** Runs `action`, and has what the file system refuses say `shown`, not the place that only this process knows. */
function named<T>(shown: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      const message = error.message.replaceAll(/'\/proc\/self\/fd\/[^']*'/g, `'${shown}'`);
      throw Object.assign(error, { message, path: shown });
    }
    throw error;
  }
}

function isNo(what: string, shown: string): OciError {
  return new OciError('BUNNY_ENOFILE', `this is not a ${what}`, {
    where: shown,
    hint: 'remove it, or put in its place what belongs there',
    exitStatus: 2,
  });
}

function leadsOut(below: string, directory: string): OciError {
  return new OciError('BUNNY_EPATH', `${JSON.stringify(below)} leads out of its directory`, {
    where: directory,
    hint: 'name what is in this directory',
    exitStatus: 2,
  });
}
