import { posix } from 'node:path';
import { type HeldDirectory, requireUtf8Names } from 'bunny-libos-oci';
import { BunnyError, byText, formatBytes, type Position, type Rootfs } from 'bunny-libos-spec';
import { type NamedPath, sizeLimits, withNamedDirectory } from 'bunny-libos-tooling';
import { type CpioEntry, cpioArchive } from './cpio.js';
import { changedMeanwhile, namedByBunnyfile, projectFileContent, projectLinkTarget } from './project-file.js';

/** Bytes of a file that the format can express. */
const largestFile = 0xffff_ffff;

/** A file, directory or symlink that goes into the root file system. */
export interface RootfsEntry {
  /** In the root, without the leading slash. */
  path: string;
  kind: CpioEntry['kind'];
  executable: boolean;
  size: number;
  /** When the content changed, in milliseconds; 0 for directories, whose times mean nothing. */
  changed: number;
  /** Path from the project's directory, or from `directory`; none for a directory that is there only to hold others. */
  source?: string | undefined;
  /** The unpacked image that it is in, absolute. */
  directory?: string | undefined;
}

/** OCI images by their references: the directories that they are unpacked to. */
export type ImageTrees = ReadonlyMap<string, string>;

/**
 * What `rootfs.include` comes to: each file or tree at its destination, directories above it added, sorted by
 * path (code units). A tree's contents go below the destination; a file whose destination ends in a slash
 * keeps its name. A link is packed as a link, and never followed.
 * Throws BunnyError BUNNY_EROOTFS: a source that is missing or neither file, directory nor symlink, or too large; two
 * sources for one path. BUNNY_EPATH: one that leads out of the project or over a link, or a name that is not UTF-8.
 */
export async function rootfsEntries(
  rootfs: Pick<Rootfs, 'include'>,
  directory: string,
  at: (index: number) => Position | string,
  images: ImageTrees = new Map(),
): Promise<RootfsEntry[]> {
  const entries = new Map<string, RootfsEntry>();
  let size = 0;
  for (const [index, { image, source, destination }] of rootfs.include.entries()) {
    const path = destination.replace(/^\/|\/$/g, '');
    const tree = image === undefined ? undefined : images.get(image);
    const add = (entry: RootfsEntry) => {
      addEntry(entries, tree === undefined ? entry : { ...entry, directory: tree }, at(index));
      size += entry.size;
      if (size > sizeLimits.rootfs) throw tooLarge('these files have', at(index), sizeLimits.rootfs);
    };
    const named = namedByBunnyfile(tree ?? directory, source, at(index));
    await collectSource(named, path, destination.endsWith('/'), add);
  }
  return [...entries.values()].sort(byText(({ path }) => path));
}

/** The bytes of an entry on their way into the archive. */
export type EntryContent = (
  entry: RootfsEntry,
  bytes: AsyncGenerator<Uint8Array>,
) => AsyncIterable<Uint8Array>;

/** The root file system as a cpio archive. `watch` sees the bytes of each file as they pass. */
export function initrd(
  entries: readonly RootfsEntry[],
  directory: string,
  watch: EntryContent = (_entry, bytes) => bytes,
): AsyncGenerator<Uint8Array> {
  return cpioArchive(entries.map((entry) => ({ ...entry, ...contentOf(entry, directory, watch) })));
}

/** Files are opened one after the other, as they are packed. */
function contentOf(entry: RootfsEntry, directory: string, watch: EntryContent): Pick<CpioEntry, 'content'> {
  const { kind, source } = entry;
  const place = entry.directory ?? directory;
  if (source === undefined || kind === 'directory') return {};
  if (kind === 'symlink') return { content: projectLinkTarget(place, source) };
  return { content: watch(entry, projectFileContent(place, source)) };
}

/** Where a source stands: a directory that is held, and the name in it. */
interface Found {
  above: HeldDirectory;
  name: string;
  /** Path from the project's directory. */
  source: string;
  where: Position | string;
}

async function collectSource(
  named: NamedPath,
  path: string,
  isInto: boolean,
  add: (entry: RootfsEntry) => void,
): Promise<void> {
  const { directory, where } = named;
  const source = posix.normalize(named.path).replace(/\/$/, '');
  const missing = () =>
    new BunnyError('BUNNY_EROOTFS', `there is no file or directory ${posix.basename(source)}`, {
      where,
      hint: `add ${posix.join(directory, source)}, or correct the path`,
    });
  const above = { directory, path: source.startsWith('..') ? source : posix.dirname(source), where };
  await withNamedDirectory(above, missing, (held) => {
    if (source === '.' || source === '') collectAll(held, { source: '', where }, path, add);
    else collect({ above: held, name: posix.basename(source), source, where }, path, isInto, add, missing);
  });
}

function collect(
  { above, name, source, where }: Found,
  path: string,
  isInto: boolean,
  add: (entry: RootfsEntry) => void,
  missing: () => BunnyError,
): void {
  const found = above.status(name);
  if (found === undefined) throw missing();
  if (found.isDirectory()) {
    if (path !== '') add({ path, kind: 'directory', executable: true, size: 0, changed: 0, source });
    const held = above.enter(name);
    try {
      collectAll(held, { source: `${source}/`, where }, path, add);
    } finally {
      held.close();
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
  // The format cannot express it, and reading it to find that out takes hours where it is nothing but holes.
  if (kind === 'file' && found.size > largestFile) throw tooLarge(`${source} has`, where);
  add({
    path: isInto ? [path, name].filter((part) => part !== '').join('/') : path,
    kind,
    executable: kind === 'file' && (found.mode & 0o111) !== 0,
    size: found.size,
    changed: found.mtimeMs,
    source,
  });
}

/** What is in a directory. `source`: what stands before its names in paths from the project's directory. */
function collectAll(
  held: HeldDirectory,
  { source, where }: Pick<Found, 'source' | 'where'>,
  path: string,
  add: (entry: RootfsEntry) => void,
): void {
  const names = held.list();
  requireUtf8Names(held, names);
  for (const name of names) {
    const inside = path === '' ? name : `${path}/${name}`;
    const found = { above: held, name, source: `${source}${name}`, where };
    collect(found, inside, false, add, () => changedMeanwhile(found.source, where));
  }
}

/** Entries of several origins as one root file system, sorted by path. Throws BUNNY_EROOTFS where two make one path. */
export function joinEntries(
  origins: readonly { entries: readonly RootfsEntry[]; where: Position | string }[],
): RootfsEntry[] {
  const joined = new Map<string, RootfsEntry>();
  for (const { entries, where } of origins) for (const entry of entries) addEntry(joined, entry, where);
  return [...joined.values()].sort(byText(({ path }) => path));
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

function tooLarge(what: string, where: Position | string, most = largestFile): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `${what} more than ${formatBytes(most)}`, {
    where,
    hint: 'leave it out of rootfs.include',
  });
}

function twice(path: string, where: Position | string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `two sources make /${path} in the root file system`, {
    where,
    hint: 'give one of them another destination',
  });
}
