import type { StreamedEntry } from 'bunny-libos-oci';
import type { Bunnyfile } from 'bunny-libos-spec';
import type { ContainerParts } from '../artifacts/artifact.js';
import type { RootfsContent } from '../rootfs/content.js';
import type { RootfsEntry } from '../rootfs/initrd.js';
import { projectFileContent, projectLinkTarget } from '../rootfs/project-file.js';
import type { SourceImages } from './source-images.js';

/**
 * What the OCI image of a prebuilt kernel is based on, by the rules of nubificus/bunny: on the image that its root file
 * system comes from; with a raw one that is made from scratch on nothing; else on the image that the kernel comes from,
 * where it stays.
 */
export async function containerParts(
  { kernel, rootfs }: Bunnyfile,
  { images }: SourceImages,
  content: RootfsContent,
): Promise<ContainerParts> {
  const files = await rawFiles(rootfs, content);
  if (rootfs?.image !== undefined) {
    const path = rootfs.type === 'raw' ? undefined : inImage(rootfs.path ?? '');
    return { base: images.get(rootfs.image), rootfs: path, files };
  }
  if (kernel?.image === undefined || rootfs?.type === 'raw') return { files };
  return { base: images.get(kernel.image), kernel: inImage(kernel.path), files };
}

/** The files of a raw root file system: they are the image's own. */
async function rawFiles(rootfs: Bunnyfile['rootfs'], content: RootfsContent): Promise<StreamedEntry[]> {
  if (rootfs?.type !== 'raw' || content === undefined || !('entries' in content)) return [];
  return await Promise.all(content.entries.map((entry) => streamed(entry, content.directory)));
}

async function streamed(
  { path, kind, source, size, executable, directory }: RootfsEntry,
  project: string,
): Promise<StreamedEntry> {
  if (kind === 'directory' || source === undefined) return { path, kind: 'directory' };
  const place = directory ?? project;
  if (kind === 'file') {
    const mode = executable ? 0o755 : 0o644;
    return { path, kind, size, mode, content: projectFileContent(place, source) };
  }
  const target: Uint8Array[] = [];
  for await (const piece of projectLinkTarget(place, source)) target.push(piece);
  return { path, kind, linkname: Buffer.concat(target).toString() };
}

function inImage(path: string): string {
  return `/${path.replace(/^\/+/, '')}`;
}
