import { type ContainerImage, readContainerImage } from 'bunny-libos-namespace';
import { type Network, parseImageReference, type Store } from 'bunny-libos-oci';
import { BunnyError, type Bunnyfile, type Document, exitStatus } from 'bunny-libos-spec';
import type { ImageTrees } from '../rootfs/initrd.js';

/** What OCI images are read by way of. */
export interface ImageAccess {
  network: Pick<Network, 'open'>;
  store: () => Promise<Store>;
  signal?: AbortSignal | undefined;
}

/** The OCI images that the kernel and the root file system of a Bunnyfile come from, by their references. */
export interface SourceImages {
  images: ReadonlyMap<string, ContainerImage>;
  /** Those of which files are taken, unpacked in the store. */
  trees: ImageTrees;
}

/** What images of unikraft.org are called that are made for a monitor: their `os` is not linux. */
const unikraftSystems: Readonly<Record<string, string>> = { firecracker: 'fc' };

/**
 * Brings the OCI images that a Bunnyfile packages from into the store. Throws BUNNY_EUSAGE where nobody gave access to
 * any, and as `readContainerImage` and the store.
 */
export async function openSourceImages(
  { value: { kernel, rootfs, monitor } }: Pick<Document<Bunnyfile>, 'value'>,
  { directory, arch, platform }: { directory: string; arch: string; platform: string | undefined },
  access: ImageAccess | undefined,
): Promise<SourceImages> {
  const filesFrom = [kernel?.image, ...(rootfs?.include ?? []).map(({ image }) => image)];
  if (rootfs?.type !== 'raw') filesFrom.push(rootfs?.image);
  const unpacked = new Set(filesFrom.filter((image) => image !== undefined));
  const images = new Map<string, ContainerImage>();
  const trees = new Map<string, string>();
  for (const reference of new Set([...unpacked, ...(rootfs?.image === undefined ? [] : [rootfs.image])])) {
    if (access === undefined) throw noAccess(reference);
    const { network, store, signal } = access;
    const os = reference.startsWith('unikraft.org/') ? (platform ?? monitor ?? 'linux') : 'linux';
    const named = parseImageReference(reference);
    if (named.kind !== 'repository') throw onlyWritten(reference);
    const image = await readContainerImage(named, {
      ...{ directory, network, signal },
      platform: { os: unikraftSystems[os] ?? os, architecture: arch },
      hint: 'correct the image in the Bunnyfile',
    });
    images.set(reference, image);
    if (!unpacked.has(reference)) continue;
    const layers = image.layers.map(({ descriptor }) => descriptor);
    trees.set(reference, await (await store()).unpackedImage(layers, [image.target], { signal }));
  }
  return { images, trees };
}

function onlyWritten(reference: string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', 'an archive for docker load is only written', {
    where: reference,
    hint: 'name an image on a registry, or in an image layout: oci:DIR:tag',
  });
}

function noAccess(reference: string): BunnyError {
  return new BunnyError('BUNNY_EOFFLINE', 'the Bunnyfile names an OCI image, and nothing may be fetched', {
    where: reference,
    hint: 'build without --offline, or put what it needs beside the Bunnyfile',
    exitStatus: exitStatus.registry,
  });
}
