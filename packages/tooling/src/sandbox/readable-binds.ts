import { chmodSync, type Stats, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { Bind } from './command.js';

/** Files that are copied at most, and bytes in all. */
const mostFiles = 1000;
const mostBytes = 256 * 1024 * 1024;
/** Files that are looked at in all: what comes after them is taken to be for all to read. */
const mostSeen = 50_000;
/** What no command has to see: the history of a repository, and what was made there before. */
const passedOver: ReadonlySet<string> = new Set(['.git', '.bunny']);

/** Part of a bind. */
interface Place extends Bind {
  /** It is there already, as part of a directory that is. */
  isBound: boolean;
}

/**
 * Read-only binds as another user may read them. As root, a sandbox runs as somebody who is nobody to the files of a
 * project: what of it only its owner may read is copied, with its time, and what only its owner may enter is made up of
 * what is in it. `scratch` gives an empty directory for the copies.
 */
export class ReadableBinds {
  readonly #scratch: () => string;
  #seen = 0;
  #files = 0;
  #bytes = 0;

  constructor(scratch: () => string) {
    this.#scratch = scratch;
  }

  /**
   * Words of bubblewrap for a bind and what is put in the place of parts of it. Links are not followed.
   * Throws BUNNY_EACCESS where too much would have to be copied, and what the file system throws.
   */
  words({ from, to }: Bind): string[] {
    const words: string[] = [];
    if (statSync(from).isDirectory())
      this.#directory(HeldDirectory.open(from), { from, to, isBound: false }, words);
    else {
      const above = HeldDirectory.open(dirname(from));
      try {
        this.#file(above, basename(from), statSync(from), { from, to, isBound: false }, words);
      } finally {
        above.close();
      }
    }
    return words;
  }

  /** Closes what it is given. */
  #directory(held: HeldDirectory, { from, to, isBound }: Place, words: string[]): void {
    try {
      const mayEnter = (statSync(`${held.place}/`).mode & 0o5) === 0o5;
      if (!mayEnter) words.push('--perms', '0755', '--tmpfs', to);
      else if (!isBound) words.push('--ro-bind', from, to);
      for (const name of held.list()) {
        if (passedOver.has(name) || (mayEnter && ++this.#seen > mostSeen)) continue;
        const status = held.status(name);
        const place = { from: join(from, name), to: `${to}/${name}`, isBound: mayEnter };
        if (status?.isDirectory()) this.#directory(held.enter(name), place, words);
        else if (status?.isFile()) this.#file(held, name, status, place, words);
        else if (status?.isSymbolicLink() && !mayEnter)
          words.push('--symlink', held.linkTarget(name), place.to);
      }
    } finally {
      held.close();
    }
  }

  #file(
    held: HeldDirectory,
    name: string,
    status: Stats,
    { from, to, isBound }: Place,
    words: string[],
  ): void {
    if ((status.mode & 0o4) === 0) words.push('--ro-bind', this.#copy(held, name, from), to);
    else if (!isBound) words.push('--ro-bind', from, to);
  }

  #copy(held: HeldDirectory, name: string, from: string): string {
    // A second name may be that of a file elsewhere, which nobody meant to show.
    const file = held.file(name, { limit: mostBytes, sole: true });
    try {
      const { size, mode, atime, mtime } = file.status;
      this.#files += 1;
      this.#bytes += size;
      if (this.#files > mostFiles || this.#bytes > mostBytes) throw tooMuch(from);
      const copy = join(this.#scratch(), String(this.#files));
      writeFileSync(copy, file.read());
      chmodSync(copy, (mode & 0o111) === 0 ? 0o444 : 0o555);
      utimesSync(copy, atime, mtime);
      return copy;
    } finally {
      file.close();
    }
  }
}

function tooMuch(where: string): BunnyError {
  return new BunnyError('BUNNY_EACCESS', 'too many files here may be read by their owner only', {
    where,
    hint: 'let others read them (chmod -R go+rX): as root, Bunny runs compilers as a user of their own',
    exitStatus: exitStatus.fileSystem,
  });
}
