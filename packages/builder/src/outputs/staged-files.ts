import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, ftruncateSync, write } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HeldDirectory, HeldFile } from 'bunny-libos-oci';
import { fileDigest } from 'bunny-libos-tooling';

const writeSome = promisify(write);

/** The least that is left out where it is zero. Bytes. */
const holeSize = 1 << 16;

/** A file that is written, and has not got its name yet. */
interface StagedFile {
  temporary: string;
  descriptor: number;
  /** Once it is whole. */
  digest?: string | undefined;
}

/** What is staged with files, and is none of their directory. */
export interface StagedElsewhere {
  /** What it is. */
  output: string;
  /** What it will be called. */
  name: string;
  digest: string;
  /** Absolute. */
  path: string;
  /** Gives it its name. */
  commit: () => Promise<void>;
}

/**
 * Files of one directory that appear together: each is written under another name, and none gets its own before all of
 * them are whole. What has their names stays untouched until then, and is replaced, not written to: it may be a link.
 */
export class StagedFiles {
  readonly #directory: HeldDirectory;
  readonly #names: Readonly<Record<string, string>>;
  readonly #staged = new Map<string, StagedFile>();
  readonly #writing: Promise<unknown>[] = [];
  readonly #elsewhere: StagedElsewhere[] = [];

  /** `names`: those that the files get, by what the files are. */
  constructor(directory: HeldDirectory, names: Readonly<Record<string, string>>) {
    this.#directory = directory;
    this.#names = names;
  }

  /** Names and digests of all that is whole: files in the order of `names`, then what is elsewhere. */
  get digests(): Readonly<Record<string, string>> {
    return Object.fromEntries([
      ...Object.values(this.#names).flatMap((name) => {
        const digest = this.#staged.get(name)?.digest;
        return digest === undefined ? [] : [[name, digest] as const];
      }),
      ...this.#elsewhere.map(({ name, digest }) => [name, digest] as const),
    ]);
  }

  /** Takes what is whole in another place, where nobody finds it before it has its name, too. */
  elsewhere(staged: StagedElsewhere): void {
    this.#elsewhere.push(staged);
  }

  /** Writes text, or the bytes of a stream. Returns their digest. */
  write(output: string, content: string | AsyncIterable<Uint8Array>): Promise<string> {
    const pieces = typeof content === 'string' ? [Buffer.from(content)] : content;
    return this.#stage(output, ({ descriptor }) => writePieces(descriptor, pieces));
  }

  /**
   * Copies a file, without copying its blocks where the file system can share them, and as a file of holes where it is one.
   * Returns the digest of its bytes.
   */
  copy(output: string, from: HeldFile): Promise<string> {
    return this.#stage(output, async ({ descriptor }) => {
      const digest = (await isCloned(from, descriptor))
        ? await fileDigest(placeOf(descriptor))
        : await writeWithHoles(descriptor, from.pieces());
      fchmodSync(descriptor, (from.status.mode & 0o111) === 0 ? 0o644 : 0o755);
      return digest;
    });
  }

  /**
   * Gives everything its name; all of it has been written. Files of `names` that are not written are removed. Returns
   * the paths of what is written, by what it is.
   */
  async commit(): Promise<Readonly<Record<string, string>>> {
    const paths: Record<string, string> = {};
    for (const { output, path, commit } of this.#elsewhere) {
      await commit();
      paths[output] = path;
    }
    for (const [output, name] of Object.entries(this.#names)) {
      const staged = this.#staged.get(name);
      if (staged === undefined) this.#directory.remove(name);
      else {
        this.#directory.rename(staged.temporary, name);
        paths[output] = join(this.#directory.path, name);
      }
    }
    this.#forget();
    return paths;
  }

  /** Removes what was not committed, and what is still being written. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#writing);
    for (const { temporary } of this.#staged.values()) this.#directory.remove(temporary);
    this.#forget();
  }

  #forget(): void {
    for (const { descriptor } of this.#staged.values()) closeSync(descriptor);
    this.#staged.clear();
  }

  #name(output: string): string {
    const name = this.#names[output];
    if (name === undefined) throw new Error(`there is no output ${output}`);
    return name;
  }

  #stage(output: string, write: (file: StagedFile) => Promise<string>): Promise<string> {
    const writing = this.#write(this.#name(output), write);
    this.#writing.push(writing);
    return writing;
  }

  async #write(name: string, write: (file: StagedFile) => Promise<string>): Promise<string> {
    const temporary = `.${name}.${randomBytes(6).toString('hex')}`;
    const staged: StagedFile = { temporary, descriptor: this.#directory.create(temporary) };
    this.#staged.set(name, staged);
    try {
      staged.digest = await write(staged);
      return staged.digest;
    } catch (error) {
      // Whoever reads the message knows the file that was to be, not the place that only this process knows.
      const path = join(this.#directory.path, name);
      throw error instanceof Error && 'syscall' in error ? Object.assign(error, { path, dest: path }) : error;
    }
  }
}

/** Bytes are digested on their way, so that nothing that is written has to be read again. */
async function writePieces(
  descriptor: number,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    for (let done = 0; done < piece.length; ) {
      const { bytesWritten } = await writeSome(descriptor, piece, done);
      done += bytesWritten;
    }
  }
  return `sha256:${hash.digest('hex')}`;
}

/** The same for a file that is empty: pieces that are all zero are left out of it, as a disk of gigabytes is mostly that. */
async function writeWithHoles(descriptor: number, pieces: Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  const zeros = Buffer.alloc(holeSize);
  let size = 0;
  for (const piece of pieces) {
    hash.update(piece);
    for (let at = 0; at < piece.length; at += holeSize) {
      const part = piece.subarray(at, at + holeSize);
      const isHole = zeros.compare(part, 0, part.length, 0, part.length) === 0;
      for (let done = isHole ? part.length : 0; done < part.length; ) {
        const { bytesWritten } = await writeSome(descriptor, part, done, part.length - done, size + done);
        done += bytesWritten;
      }
      size += part.length;
    }
  }
  ftruncateSync(descriptor, size);
  return `sha256:${hash.digest('hex')}`;
}

/** False, and nothing is written, where the file system cannot have two files share blocks. */
async function isCloned(from: HeldFile, descriptor: number): Promise<boolean> {
  const cloning = copyFile(from.place, placeOf(descriptor), constants.COPYFILE_FICLONE_FORCE);
  return await cloning.then(
    () => true,
    () => false,
  );
}

/** A path to an open file that holds in this process. */
function placeOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
