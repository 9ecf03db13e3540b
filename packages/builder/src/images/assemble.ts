import { type Descriptor, OciError, packIndex } from 'bunny-libos-oci';
import { annotations, present } from 'bunny-libos-spec';
import type { ImageStore } from './image-store.js';

/** An image among those of a project. */
export interface BuiltImage {
  /** Of the app. */
  name: string;
  arch: string;
  platform: string | undefined;
  /** Of the manifest. */
  digest: string;
}

/**
 * What stands for these images: the manifest of the only one, or an index of several, in their order, which is written
 * to the store. Each keeps its own digest. Throws BUNNY_ENOTFOUND where one is not in the store, and as `packIndex`.
 */
export async function assembleImages(store: ImageStore, images: readonly BuiltImage[]): Promise<Descriptor> {
  const target = store.repository('');
  const manifests: Descriptor[] = [];
  for (const { digest, arch, platform } of images) {
    const manifest = await target.resolve(digest);
    if (manifest === undefined) throw gone(`${target.name}@${digest}`);
    manifests.push(
      present({
        ...manifest,
        platform: { architecture: arch, os: 'linux' },
        // Runtimes choose by architecture alone: of two for one of them the first.
        annotations: platform === undefined ? undefined : { [annotations.platform]: platform },
      }),
    );
  }
  const [only] = manifests;
  if (only === undefined) throw gone(target.name);
  if (manifests.length > 1) return await packIndex(target, { manifests });
  const { mediaType, digest, size } = only;
  return { mediaType, digest, size };
}

function gone(where: string): OciError {
  return new OciError('BUNNY_ENOTFOUND', 'there is no such image any more', {
    where,
    hint: 'build it again: bunny build --type oci',
  });
}
