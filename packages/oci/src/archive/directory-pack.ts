import { createHash, type Hash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileError, OciError, pathOf, throwIfAborted } from '../content/errors.js';
import { listTree, notUtf8, type TreeEntry } from '../disk/directory-tree.js';
import { HeldDirectory } from '../disk/held-directory.js';
import { byCodeUnit, normalMode, type PackedArchive } from './pack.js';
import { packInto } from './pack-into.js';
import { encodeHeader, padding, type TarHeader } from './tar-header.js';
import { unpackDefaults } from './unpack.js';

/** Takes the parts of a tar one after the other. */
interface TarWriter {
  header(header: TarHeader): void;
  content(bytes: Uint8Array): void;
  pad(size: number): void;
}

/**
 * Packs a directory into the file `output`, streaming; as deterministic as `packArchive`. Symlinks
 * stay symlinks, hard links become copies, executables 0755, other files 0644, directories 0755. Nothing but what is
 * in the directory is packed, whatever is put in the place of something meanwhile.
 * Throws BUNNY_EARCHIVE for sockets, devices and fifos; BUNNY_ELIMIT for more than `unpackArchive` takes; BUNNY_EPATH for a name that is not UTF-8; BUNNY_EIO,
 * BUNNY_EACCESS, BUNNY_ENOSPACE, BUNNY_EABORTED.
 */
export async function packDirectory(
  directory: string | HeldDirectory,
  output: string,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<PackedArchive> {
  return await packInto(output, options, (packer, flush) => writeTree(directory, packer, flush));
}

/**
 * The diff ID of what `packDirectory` makes of a directory: what that takes without compressing, which takes twenty times as
 * long. Throws as that does.
 */
export async function directoryDiffId(
  directory: string | HeldDirectory,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const hash = createHash('sha256');
  try {
    await writeTree(directory, new TarHash(hash), async () => {
      throwIfAborted(options.signal);
      // Signals arrive only in between.
      await setImmediate();
    });
  } catch (error) {
    throw fileError(error, pathOf(error) ?? '');
  }
  hash.update(zero);
  return `sha256:${hash.digest('hex')}`;
}

const zero = new Uint8Array(1024);

class TarHash implements TarWriter {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  header(header: TarHeader): void {
    this.#hash.update(encodeHeader(header));
  }

  content(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  pad(size: number): void {
    this.#hash.update(zero.subarray(0, padding(size)));
  }
}

async function writeTree(
  directory: string | HeldDirectory,
  writer: TarWriter,
  flush: () => Promise<void>,
): Promise<void> {
  const root = typeof directory === 'string' ? HeldDirectory.open(directory) : directory;
  try {
    const entries = listTree(root).sort(byCodeUnit);
    requireUnpackable(root, entries);
    for (const entry of entries) await writeEntry(root, entry, writer, flush);
  } finally {
    if (root !== directory) root.close();
  }
}

/** Before anything is read: files may be large and of holes alone, which costs whoever made the directory nothing. */
function requireUnpackable(root: HeldDirectory, entries: readonly TreeEntry[]): void {
  const { bytes } = unpackDefaults;
  let size = 0;
  for (const { path: name, kind, status } of entries) {
    if (kind === 'file') size += status.size;
    if (size <= bytes) continue;
    throw new OciError('BUNNY_ELIMIT', `the directory has more than the ${bytes} bytes that are unpacked`, {
      where: path.join(root.path, name),
      hint: 'take what is so large out of it',
    });
  }
}

async function writeEntry(
  root: HeldDirectory,
  { path: name, kind }: TreeEntry,
  writer: TarWriter,
  flush: () => Promise<void>,
): Promise<void> {
  if (kind === 'other') {
    throw new OciError('BUNNY_EARCHIVE', 'sockets, devices and fifos cannot be packed', {
      where: path.join(root.path, name),
      hint: 'remove it from the tree',
    });
  }
  if (kind === 'directory') {
    writer.header({ path: name, kind, mode: 0o755, size: 0 });
    return;
  }
  if (kind === 'symlink') {
    writer.header({ path: name, kind, mode: 0o777, size: 0, linkname: linkTarget(root, name) });
    return;
  }
  const file = root.fileBelow(name, { limit: unpackDefaults.bytes });
  try {
    const { size, mode } = file.status;
    writer.header({ path: name, kind, mode: normalMode(mode), size });
    let left = size;
    for (const piece of file.pieces()) {
      // What is appended meanwhile is not part of it.
      writer.content(piece.length > left ? piece.subarray(0, left) : piece);
      left -= Math.min(left, piece.length);
      await flush();
      if (left === 0) break;
    }
    if (left > 0) {
      throw new OciError('BUNNY_EARCHIVE', 'the file became shorter while it was packed', {
        where: file.path,
        hint: 'run again when nothing writes to it',
      });
    }
    writer.pad(size);
  } finally {
    file.close();
  }
}

function linkTarget(root: HeldDirectory, name: string): string {
  const directory = root.below(path.posix.dirname(name));
  const base = path.posix.basename(name);
  try {
    const target = directory.linkTarget(base);
    if (target.includes('\uFFFD')) {
      const bytes = readlinkSync(`${directory.place}/${base}`, { encoding: 'buffer' });
      if (!Buffer.from(target).equals(bytes)) throw notUtf8(path.join(root.path, name), bytes);
    }
    return target;
  } finally {
    directory.close();
  }
}
