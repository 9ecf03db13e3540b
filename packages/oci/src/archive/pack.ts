import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileError, OciError } from '../content/errors.js';
import type { DeterministicGzip } from './gzip.js';
import { encodeHeader, padding, type TarHeader } from './tar-header.js';

/** One entry of an archive made from memory or from single files. Directories above it need no entry. */
export interface ArchiveEntry {
  /** `include/libc/stdio.h`: relative, `/` between parts, no `.` or `..`. */
  path: string;
  /** The bytes of a file, or its text. */
  content?: Uint8Array | string | undefined;
  /** The file to read the content from, where `content` is not given. */
  source?: string | undefined;
  /** Files with any executable bit are 0755, others 0644. */
  mode?: number | undefined;
  /** Makes the entry a symlink to this. With neither content, source nor this, the entry is a directory. */
  linkname?: string | undefined;
}

export interface PackedArchive {
  /** Of the gzip'd bytes. */
  digest: string;
  size: number;
  /** Of the tar within: the OCI diff ID. */
  diffId: string;
}

const zero = new Uint8Array(1024);

/** Writes tar into gzip and hashes both on the way. */
export class Packer {
  readonly #tarHash = createHash('sha256');
  readonly #gzipHash = createHash('sha256');
  readonly #gzip: DeterministicGzip;
  #size = 0;

  private constructor(Gzip: typeof DeterministicGzip, write: (bytes: Uint8Array) => void) {
    this.#gzip = new Gzip((bytes) => {
      this.#gzipHash.update(bytes);
      this.#size += bytes.length;
      write(bytes);
    });
  }

  /** Loads the compressor, which takes longer than all else here and is nothing to those who only unpack. */
  static async open(write: (bytes: Uint8Array) => void): Promise<Packer> {
    const { DeterministicGzip } = await import('./gzip.js');
    return new Packer(DeterministicGzip, write);
  }

  header(header: TarHeader): void {
    this.content(encodeHeader(header));
  }

  content(bytes: Uint8Array): void {
    this.#tarHash.update(bytes);
    this.#gzip.push(bytes);
  }

  pad(size: number): void {
    if (padding(size) > 0) this.content(zero.subarray(0, padding(size)));
  }

  finish(): PackedArchive {
    this.content(zero);
    this.#gzip.end();
    return {
      digest: `sha256:${this.#gzipHash.digest('hex')}`,
      size: this.#size,
      diffId: `sha256:${this.#tarHash.digest('hex')}`,
    };
  }
}

/** The order of entries in an archive. */
export function byCodeUnit(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function checkedPath(entry: string): string {
  const parts = entry.split('/');
  if (
    entry === '' ||
    entry.includes('\0') ||
    parts.some((part) => part === '' || part === '.' || part === '..')
  ) {
    throw new OciError('BUNNY_EARCHIVE', `${JSON.stringify(entry)} cannot be the path of an entry`, {
      where: entry,
      hint: 'paths in an archive are relative, without "." and ".."',
    });
  }
  return entry;
}

/** Permission bits as archives have them. */
export function normalMode(mode: number): number {
  return (mode & 0o111) === 0 ? 0o644 : 0o755;
}

/**
 * Packs entries into a gzip'd tar in memory, the same bytes for the same entries everywhere: sorted by
 * path (code units), time 0, owner 0:0, modes 0644 and 0755. Throws BUNNY_EARCHIVE for a bad or double
 * path, BUNNY_EIO for a source that cannot be read.
 */
export async function packArchive(
  entries: readonly ArchiveEntry[],
): Promise<PackedArchive & { bytes: Uint8Array }> {
  const sorted = [...entries].sort(byCodeUnit);
  const chunks: Uint8Array[] = [];
  const packer = await Packer.open((bytes) => {
    chunks.push(bytes);
  });
  let last: string | undefined;
  for (const entry of sorted) {
    const name = checkedPath(entry.path);
    if (name === last) {
      throw new OciError('BUNNY_EARCHIVE', `two entries have the path ${JSON.stringify(name)}`, {
        where: name,
        hint: 'leave one of them out',
      });
    }
    last = name;
    if (entry.linkname !== undefined) {
      packer.header({ path: name, kind: 'symlink', mode: 0o777, size: 0, linkname: entry.linkname });
      continue;
    }
    const bytes = await contentOf(entry);
    if (bytes === undefined) {
      packer.header({ path: name, kind: 'directory', mode: 0o755, size: 0 });
      continue;
    }
    packer.header({ path: name, kind: 'file', mode: normalMode(entry.mode ?? 0), size: bytes.length });
    packer.content(bytes);
    packer.pad(bytes.length);
  }
  const packed = packer.finish();
  return { ...packed, bytes: Buffer.concat(chunks) };
}

async function contentOf(entry: ArchiveEntry): Promise<Uint8Array | undefined> {
  if (typeof entry.content === 'string') return Buffer.from(entry.content);
  if (entry.content !== undefined) return entry.content;
  if (entry.source === undefined) return undefined;
  try {
    return await readFile(entry.source);
  } catch (error) {
    throw fileError(error, entry.source);
  }
}
