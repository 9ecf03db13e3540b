import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BunnyError, byText, type Position, type Rootfs } from '@bunny/spec';
import { type CpioEntry, cpioArchive } from './cpio.js';

/** A file, directory or symlink that goes into the root file system. */
export interface RootfsEntry {
  /** In the root, without the leading slash. */
  path: string;
  kind: CpioEntry['kind'];
  executable: boolean;
  size: number;
  /** When the content changed, in milliseconds; 0 for directories, whose times mean nothing. */
  changed: number;
  /** Absolute path on this machine; none for a directory that is there only to hold others. */
  source?: string;
}

/**
 * What `rootfs.include` comes to: each file or tree at its destination, directories above it added, sorted by
 * path (code units). A tree's contents go below the destination; a file whose destination ends in a slash
 * keeps its name.
 * Throws BunnyError BUNNY_EROOTFS: a source that is missing or neither file, directory nor symlink; two sources
 * for one path.
 */
export async function rootfsEntries(
  rootfs: Rootfs,
  directory: string,
  at: (index: number) => Position | string,
): Promise<RootfsEntry[]> {
  const entries = new Map<string, RootfsEntry>();
  for (const [index, { source, destination }] of rootfs.include.entries()) {
    const path = destination.replace(/^\/|\/$/g, '');
    const add = (entry: RootfsEntry) => addEntry(entries, entry, at(index));
    await collect(join(directory, source), path, destination.endsWith('/'), add, at(index));
  }
  return [...entries.values()].sort(byText(({ path }) => path));
}

/** The root file system as a cpio archive. */
export function initrd(entries: readonly RootfsEntry[]): AsyncGenerator<Uint8Array> {
  return cpioArchive(entries.map((entry) => ({ ...entry, ...contentOf(entry) })));
}

function contentOf({ kind, source }: RootfsEntry): Pick<CpioEntry, 'content'> {
  if (source === undefined || kind === 'directory') return {};
  return { content: kind === 'file' ? createReadStream(source) : linkTarget(source) };
}

async function* linkTarget(source: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(await readlink(source));
}

async function collect(
  source: string,
  path: string,
  isInto: boolean,
  add: (entry: RootfsEntry) => void,
  where: Position | string,
): Promise<void> {
  const found = await lstat(source).catch(() => undefined);
  if (found === undefined) {
    throw new BunnyError('BUNNY_EROOTFS', `there is no file or directory ${basename(source)}`, {
      where,
      hint: `add ${source}, or correct the path`,
    });
  }
  if (found.isDirectory()) {
    if (path !== '') add({ path, kind: 'directory', executable: true, size: 0, changed: 0, source });
    for (const name of (await readdir(source)).sort()) {
      await collect(join(source, name), path === '' ? name : `${path}/${name}`, false, add, where);
    }
    return;
  }
  const kind = found.isFile() ? 'file' : found.isSymbolicLink() ? 'symlink' : undefined;
  if (kind === undefined) {
    throw new BunnyError('BUNNY_EROOTFS', `${source} is neither a file nor a directory nor a symbolic link`, {
      where,
      hint: 'leave it out of rootfs.include',
    });
  }
  add({
    path: isInto ? [path, basename(source)].filter((part) => part !== '').join('/') : path,
    kind,
    executable: kind === 'file' && (found.mode & 0o111) !== 0,
    size: found.size,
    changed: found.mtimeMs,
    source,
  });
}

function addEntry(entries: Map<string, RootfsEntry>, entry: RootfsEntry, where: Position | string): void {
  const parts = entry.path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const path = parts.slice(0, depth).join('/');
    const above = entries.get(path);
    if (above === undefined) {
      entries.set(path, { path, kind: 'directory', executable: true, size: 0, changed: 0 });
    } else if (above.kind !== 'directory') throw twice(path, where);
  }
  const present = entries.get(entry.path);
  if (present !== undefined && (present.kind !== 'directory' || entry.kind !== 'directory')) {
    throw twice(entry.path, where);
  }
  entries.set(entry.path, entry);
}

function twice(path: string, where: Position | string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `two sources of rootfs.include make /${path}`, {
    where,
    hint: 'give one of them another destination',
  });
}
