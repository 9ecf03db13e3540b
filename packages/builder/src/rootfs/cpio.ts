import { Buffer } from 'node:buffer';

/** One entry of a cpio archive. Directories above it need entries of their own, before it. */
export interface CpioEntry {
  /** Relative, `/` between parts. */
  path: string;
  kind: 'directory' | 'file' | 'symlink';
  /** A file that can be run. */
  executable?: boolean | undefined;
  /** Bytes of the content: of the target for a symlink, 0 for a directory. At most 4 GiB - 1. */
  size: number;
  /** Just `size` bytes. */
  content?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined;
}

const modes = { directory: 0o040755, file: 0o100644, symlink: 0o120777 } as const;
const alignment = 4;
const headerLength = 110;
const trailer = 'TRAILER!!!';

/**
 * A cpio archive in the new ASCII format (`newc`, as Linux reads an initramfs), the same bytes for the same
 * entries everywhere: entries in the order given, inodes counted from 1, owner 0:0, time 0.
 * Throws RangeError where an entry has another length than it says, or one that the format cannot express.
 */
export async function* cpioArchive(entries: Iterable<CpioEntry>): AsyncGenerator<Uint8Array> {
  let inode = 0;
  for (const entry of entries) {
    inode += 1;
    if (entry.size > 0xffff_ffff) throw new RangeError(`${entry.path}: cpio holds no file of 4 GiB or more`);
    const mode = modes[entry.kind] | (entry.executable ? 0o111 : 0);
    yield header(entry.path, { inode, mode, links: entry.kind === 'directory' ? 2 : 1, size: entry.size });
    let written = 0;
    for await (const bytes of entry.content ?? []) {
      written += bytes.length;
      yield bytes;
    }
    if (written !== entry.size) throw new RangeError(`${entry.path} changed while it was packed`);
    yield padding(written);
  }
  yield header(trailer, { inode: 0, mode: 0, links: 1, size: 0 });
}

/** Bytes of the archive of these entries. */
export function cpioSize(entries: Iterable<Pick<CpioEntry, 'path' | 'size'>>): number {
  const padded = (length: number) => length + padding(length).length;
  const headed = (path: string) => padded(headerLength + Buffer.byteLength(path) + 1);
  let size = headed(trailer);
  for (const entry of entries) size += headed(entry.path) + padded(entry.size);
  return size;
}

interface HeaderFields {
  inode: number;
  mode: number;
  links: number;
  size: number;
}

function header(path: string, { inode, mode, links, size }: HeaderFields): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  // Inode, mode, uid, gid, links, time, size, four device numbers, length of the name, checksum.
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, name.length, 0];
  const head = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return Buffer.concat([Buffer.from(head), name, padding(head.length + name.length)]);
}

function padding(length: number): Uint8Array {
  return new Uint8Array((alignment - (length % alignment)) % alignment);
}
