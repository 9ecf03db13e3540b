import { readManifest } from 'bunny-libos-namespace';
import { type Descriptor, manifestType, type Store } from 'bunny-libos-oci';
import type { Lock } from 'bunny-libos-spec';

/** Digests of everything that locks pin, and of what the manifests among it name, as far as the store has them. */
export async function reachableFrom(store: Store, locks: readonly Lock[]): Promise<Set<string>> {
  const reachable = new Set<string>();
  for (const { tooling, components } of locks.flatMap(({ targets }) => targets)) {
    const blobs = [
      tooling,
      tooling.rules,
      ...tooling.rootfs,
      ...components.flatMap((each) => [each, each.layer]),
    ];
    for (const { digest } of blobs) reachable.add(digest);
    for (const { digest, size } of [tooling, ...components]) {
      for (const part of await partsOf(store, { mediaType: manifestType, digest, size })) reachable.add(part);
    }
  }
  return reachable;
}

async function partsOf(store: Store, descriptor: Descriptor): Promise<string[]> {
  try {
    const bytes = await store.read(descriptor);
    const { config, layers } = readManifest(bytes, descriptor.mediaType, descriptor.digest);
    return [config, ...layers].map(({ digest }) => digest);
  } catch {
    return [];
  }
}
