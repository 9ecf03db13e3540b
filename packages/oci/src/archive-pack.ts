import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { lstat, open, readdir, readFile, readlink, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError, OciError, throwIfAborted } from './errors.js';
import type { DeterministicGzip } from './gzip.js';
import { encodeHeader, padding, type TarHeader } from './tar-header.js';

/** One entry of an archive made from memory or from single files. Directories above it need no entry. */
export interface ArchiveEntry {
  /** `include/libc/stdio.h`: relative, `/` between parts, no `.` or `..`. */
  path: string;
  /** The bytes of a file, or its text. */
  content?: Uint8Array | string;
  /** The file to read the content from, where `content` is not given. */
  source?: string;
  /** Files with any executable bit are 0755, others 0644. */
  mode?: number;
  /** Makes the entry a symlink to this. With neither content, source nor this, the entry is a directory. */
  linkname?: string;
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
class Packer {
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

function byCodeUnit(a: { path: string }, b: { path: string }): number {
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

function normalMode(mode: number): number {
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

/**
 * Packs a directory into the file `output`, streaming; as deterministic as `packArchive`. Symlinks
 * stay symlinks, hard links become copies, executables 0755, other files 0644, directories 0755.
 * Throws BUNNY_EARCHIVE for sockets, devices and fifos; BUNNY_EIO, BUNNY_EACCESS, BUNNY_ENOSPACE, BUNNY_EABORTED.
 */
export async function packDirectory(
  directory: string,
  output: string,
  options: { signal?: AbortSignal } = {},
): Promise<PackedArchive> {
  const temporary = `${output}.${process.pid}.partial`;
  try {
    let waiting: Uint8Array[] = [];
    const packer = await Packer.open((bytes) => {
      waiting.push(bytes);
    });
    const handle = await open(temporary, 'w', 0o644);
    const flush = async (): Promise<void> => {
      throwIfAborted(options.signal);
      for (const bytes of waiting) await handle.writeFile(bytes);
      waiting = [];
    };
    try {
      for (const entry of await listTree(directory)) {
        await packFile(packer, path.join(directory, entry.path), entry, flush);
      }
      const packed = packer.finish();
      await flush();
      await handle.close();
      await rename(temporary, output);
      return packed;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    // What names no path came of writing.
    throw fileError(error, (error as NodeJS.ErrnoException).path ?? output);
  }
}

interface TreeEntry {
  /** `/` between parts. */
  path: string;
  kind: 'file' | 'symlink' | 'directory';
}

/** Everything below a directory, sorted by path. */
async function listTree(root: string): Promise<TreeEntry[]> {
  const found: TreeEntry[] = [];
  const waiting = [''];
  for (let prefix = waiting.pop(); prefix !== undefined; prefix = waiting.pop()) {
    for (const entry of await readdir(path.join(root, prefix), { withFileTypes: true })) {
      const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      const kind = kindOf(entry, path.join(root, name));
      found.push({ path: name, kind });
      if (kind === 'directory') waiting.push(name);
    }
  }
  return found.sort(byCodeUnit);
}

function kindOf(entry: Dirent, where: string): TreeEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isDirectory()) return 'directory';
  throw new OciError('BUNNY_EARCHIVE', 'sockets, devices and fifos cannot be packed', {
    where,
    hint: 'remove it from the tree',
  });
}

const readSize = 1 << 20;

async function packFile(
  packer: Packer,
  file: string,
  entry: TreeEntry,
  flush: () => Promise<void>,
): Promise<void> {
  if (entry.kind === 'directory') {
    packer.header({ path: entry.path, kind: 'directory', mode: 0o755, size: 0 });
    return;
  }
  if (entry.kind === 'symlink') {
    const linkname = await readlink(file);
    packer.header({ path: entry.path, kind: 'symlink', mode: 0o777, size: 0, linkname });
    return;
  }
  const { size, mode } = await lstat(file);
  packer.header({ path: entry.path, kind: 'file', mode: normalMode(mode), size });
  const handle = await open(file);
  try {
    let left = size;
    while (left > 0) {
      const length = Math.min(left, readSize);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length);
      if (bytesRead === 0) {
        throw new OciError('BUNNY_EARCHIVE', 'the file became shorter while it was packed', {
          where: file,
          hint: 'run again when nothing writes to it',
        });
      }
      packer.content(buffer.subarray(0, bytesRead));
      left -= bytesRead;
      await flush();
    }
    packer.pad(size);
  } finally {
    await handle.close();
  }
}
