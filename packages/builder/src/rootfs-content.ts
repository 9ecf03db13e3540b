import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, type Bunnyfile, type Document } from '@bunny/spec';
import { fileDigest } from '@bunny/tooling';
import type { FileDigest } from './build-record.js';
import { initrd, type RootfsEntry, rootfsEntries } from './initrd.js';
import { useProjectFile } from './project-file.js';
import type { StagedFiles } from './staged-files.js';

/** The root file system of an image: what to pack, or a file to take as it is. Undefined where it has none. */
export type RootfsContent =
  | { entries: readonly RootfsEntry[] }
  | { file: string; directory: string; path: string; size: number; changed: number }
  | undefined;

/** What the `rootfs` of a Bunnyfile comes to. Throws BunnyError BUNNY_EROOTFS. */
export async function rootfsContent(
  { value: { rootfs }, at }: Document<Bunnyfile>,
  directory: string,
): Promise<RootfsContent> {
  if (rootfs === undefined) return undefined;
  if (rootfs.from === 'scratch') {
    return { entries: await rootfsEntries(rootfs, directory, (index) => at(['rootfs', 'include', index])) };
  }
  const path = rootfs.path ?? '';
  const file = join(directory, path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile()) return { file, directory, path, size: found.size, changed: found.mtimeMs };
  throw new BunnyError('BUNNY_EROOTFS', `there is no file ${path}`, {
    where: at(['rootfs', 'path']),
    hint: `paths are relative to ${directory}`,
  });
}

/** Absolute paths of the files that a root file system is made from. */
export function rootfsFiles(rootfs: RootfsContent): string[] {
  if (rootfs === undefined) return [];
  if ('file' in rootfs) return [rootfs.file];
  return rootfs.entries.flatMap(({ source }) => source ?? []);
}

/** Writes the root file system, if any, to be committed with the rest. */
export async function stageRootfs(files: StagedFiles, rootfs: RootfsContent, name: string): Promise<void> {
  if (rootfs === undefined) return;
  if ('file' in rootfs) await useProjectFile(rootfs.directory, rootfs.path, (file) => files.copy(name, file));
  else await files.write(name, initrd(rootfs.entries));
}

/** Its files as a build record has them: `rootfs/<path in it>`, or `rootfs` for a prebuilt one. */
export async function rootfsDigests(rootfs: RootfsContent): Promise<FileDigest[]> {
  if (rootfs === undefined) return [];
  if ('file' in rootfs) return [{ path: 'rootfs', digest: await fileDigest(rootfs.file) }];
  const digests: FileDigest[] = [];
  for (const { path, kind, source } of rootfs.entries) {
    if (kind !== 'file' || source === undefined) continue;
    digests.push({ path: `rootfs/${path}`, digest: await fileDigest(source) });
  }
  return digests;
}
