import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { BunnyError, type Bunnyfile, type Document } from 'bunny-libos-spec';
import { fileDigest, sizeLimits, withNamedFile } from 'bunny-libos-tooling';
import { initrd, type RootfsEntry, rootfsEntries } from './initrd.js';
import { changedMeanwhile, namedByBunnyfile, projectFileContent } from './project-file.js';
import type { FileDigest } from './record.js';
import type { StagedFiles } from './staged-files.js';

/** The root file system of an image: what to pack, or a file to take as it is. Undefined where it has none. */
export type RootfsContent =
  | { directory: string; entries: readonly RootfsEntry[] }
  | { directory: string; path: string; size: number; changed: number }
  | undefined;

/** What the `rootfs` of a Bunnyfile comes to. Throws BunnyError BUNNY_EROOTFS, BUNNY_EPATH. */
export async function rootfsContent(
  { value: { rootfs }, at }: Document<Bunnyfile>,
  directory: string,
): Promise<RootfsContent> {
  if (rootfs === undefined) return undefined;
  if (rootfs.from === 'scratch') {
    const places = (index: number) => at(['rootfs', 'include', index]);
    return { directory, entries: await rootfsEntries(rootfs, directory, places) };
  }
  const where = at(['rootfs', 'path']);
  const missing = () =>
    new BunnyError('BUNNY_EROOTFS', `there is no file ${rootfs.path ?? ''}`, {
      where,
      hint: `paths are relative to ${directory}`,
    });
  const named = { ...namedByBunnyfile(directory, rootfs.path ?? '', where), limit: sizeLimits.rootfs };
  return await withNamedFile(named, missing, ({ status: { size, mtimeMs } }) => ({
    directory,
    path: named.path,
    size,
    changed: mtimeMs,
  }));
}

/** Absolute paths of the files that a root file system is made from. */
export function rootfsFiles(rootfs: RootfsContent): string[] {
  if (rootfs === undefined) return [];
  const { directory } = rootfs;
  if ('path' in rootfs) return [join(directory, rootfs.path)];
  return rootfs.entries.flatMap(({ source }) => (source === undefined ? [] : [join(directory, source)]));
}

/** Writes the root file system, if any, to be committed with the rest. */
export async function stageRootfs(files: StagedFiles, rootfs: RootfsContent, name: string): Promise<void> {
  if (rootfs === undefined) return;
  const { directory } = rootfs;
  if ('path' in rootfs) {
    const where = join(directory, rootfs.path);
    const named = { directory, path: rootfs.path, where, limit: sizeLimits.rootfs };
    await withNamedFile(
      named,
      () => changedMeanwhile(rootfs.path, where),
      (file) => files.copy(name, file),
    );
    return;
  }
  try {
    await files.write(name, initrd(rootfs.entries, directory));
  } catch (error) {
    // As a cpio archive says it: an entry has another length than it had, or one that the format cannot express.
    if (!(error instanceof RangeError)) throw error;
    throw new BunnyError('BUNNY_EROOTFS', error.message, {
      where: directory,
      hint: 'build again when nothing writes to it, or leave it out of rootfs.include',
      cause: error,
    });
  }
}

/** Its files as a build record has them: `rootfs/<path in it>`, or `rootfs` for a prebuilt one. */
export async function rootfsDigests(rootfs: RootfsContent): Promise<FileDigest[]> {
  if (rootfs === undefined) return [];
  const { directory } = rootfs;
  if ('path' in rootfs) {
    const where = join(directory, rootfs.path);
    const gone = () => changedMeanwhile(rootfs.path, where);
    const named = { directory, path: rootfs.path, where, limit: sizeLimits.rootfs };
    return [{ path: 'rootfs', digest: await withNamedFile(named, gone, ({ place }) => fileDigest(place)) }];
  }
  const digests: FileDigest[] = [];
  for (const { path, kind, source } of rootfs.entries) {
    if (kind !== 'file' || source === undefined) continue;
    const hash = createHash('sha256');
    for await (const piece of projectFileContent(directory, source)) hash.update(piece);
    digests.push({ path: `rootfs/${path}`, digest: `sha256:${hash.digest('hex')}` });
  }
  return digests;
}
