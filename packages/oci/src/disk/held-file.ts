import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { OciError } from '../content/errors.js';

export interface HeldFileOptions {
  /** Bytes that it may have. */
  limit: number;
  /** Refuses a file that has a second name, by a hard link: it may be another's. */
  sole?: boolean | undefined;
}

/** Bytes that are read at once where a file is read in pieces. */
const pieceSize = 1 << 18;

/** A regular file that is held open for reading: what is read is of this one, whatever becomes of its name. */
export class HeldFile {
  /** As people know it. */
  readonly path: string;
  readonly status: Stats;
  readonly #descriptor: number;
  readonly #limit: number;

  /**
   * Opens the file that `place` leads to, which is known to be a regular one. Throws BUNNY_ELIMIT where it is larger
   * than it may be, BUNNY_EPATH where it has a second name and may not, and what the file system throws.
   */
  constructor(path: string, place: string, { limit, sole = false }: HeldFileOptions) {
    this.path = path;
    this.#limit = limit;
    this.#descriptor = openSync(place, constants.O_RDONLY | constants.O_NONBLOCK);
    this.status = fstatSync(this.#descriptor);
    if (sole && this.status.nlink > 1) throw this.#refused(hasTwoNames(path));
    if (this.status.size > limit) throw this.#refused(tooLarge(path, limit));
  }

  /** A path to it that holds in this process, while it is open. */
  get place(): string {
    return `/proc/self/fd/${this.#descriptor}`;
  }

  /** All its bytes. Throws BUNNY_ELIMIT where it grows beyond its limit meanwhile. */
  read(): Buffer {
    return Buffer.concat([...this.pieces()]);
  }

  /** Its bytes in pieces, from the start. Throws as `read`. */
  *pieces(): Generator<Buffer> {
    for (let position = 0; ; ) {
      // One byte more than there should be tells that it grows.
      const wanted = Math.max(1, Math.min(pieceSize, this.#limit + 1 - position));
      const piece = Buffer.allocUnsafe(wanted);
      const length = readSync(this.#descriptor, piece, 0, wanted, position);
      if (length === 0) return;
      position += length;
      if (position > this.#limit) throw tooLarge(this.path, this.#limit);
      yield piece.subarray(0, length);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #refused(error: OciError): OciError {
    this.close();
    return error;
  }
}

function tooLarge(path: string, limit: number): OciError {
  return new OciError(
    'BUNNY_ELIMIT',
    `the file is larger than the ${limit} bytes that are read of such a one`,
    {
      where: path,
      hint: 'find out what makes it so large',
      exitStatus: 2,
    },
  );
}

function hasTwoNames(path: string): OciError {
  return new OciError('BUNNY_EPATH', 'the file has a second name, by a hard link, which may lead anywhere', {
    where: path,
    hint: 'copy it instead of linking it',
    exitStatus: 2,
  });
}
