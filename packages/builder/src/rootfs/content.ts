import { join } from 'node:path';
import { BunnyError, type Bunnyfile, type Document } from 'bunny-libos-spec';
import { sizeLimits, withNamedFile } from 'bunny-libos-tooling';
import { type ImageTrees, type RootfsEntry, rootfsEntries } from './initrd.js';
import { namedByBunnyfile } from './project-file.js';

/** The root file system of an image: what to pack, or a file to take as it is. Undefined where it has none. */
export type RootfsContent =
  | { directory: string; entries: readonly RootfsEntry[] }
  | { directory: string; path: string; size: number; changed: number }
  | undefined;

/** What the `rootfs` of a Bunnyfile comes to; `images` has all that it names. Throws BunnyError BUNNY_EROOTFS, BUNNY_EPATH. */
export async function rootfsContent(
  { value: { rootfs }, at }: Document<Bunnyfile>,
  project: string,
  images: ImageTrees = new Map(),
): Promise<RootfsContent> {
  if (rootfs === undefined) return undefined;
  if (rootfs.from === 'scratch' || rootfs.type === 'raw') {
    const places = (index: number) => at(['rootfs', 'include', index]);
    return { directory: project, entries: await rootfsEntries(rootfs, project, places, images) };
  }
  const directory = images.get(rootfs.image ?? '') ?? project;
  const where = at(['rootfs', 'path']);
  const missing = () =>
    new BunnyError('BUNNY_EROOTFS', `there is no file ${rootfs.path ?? ''}`, {
      where,
      hint:
        rootfs.image === undefined
          ? `paths are relative to ${directory}`
          : `it is looked for in ${rootfs.image}`,
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
  return rootfs.entries.flatMap(({ source, directory: tree }) =>
    source === undefined ? [] : [join(tree ?? directory, source)],
  );
}
