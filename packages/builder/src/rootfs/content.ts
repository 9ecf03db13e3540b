import { join } from 'node:path';
import { BunnyError, type Bunnyfile, type Document } from 'bunny-libos-spec';
import { sizeLimits, withNamedFile } from 'bunny-libos-tooling';
import { type RootfsEntry, rootfsEntries } from './initrd.js';
import { namedByBunnyfile } from './project-file.js';

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
