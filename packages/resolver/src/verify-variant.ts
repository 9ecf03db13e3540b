import type { Store, Target } from '@bunny/oci';
import { BunnyError, exitStatus } from '@bunny/spec';
import { readPinned } from './pinned.js';
import type { Variant } from './variant.js';

/**
 * Checks what an index says of a variant against its manifest and config, so that a lock pins only what
 * the manifest itself names. Both are kept in the store: a digest is checked once.
 * Throws BUNNY_EMETADATA where they differ.
 */
export async function verifyVariant(
  store: Store,
  variant: Variant,
  sources: readonly Target[],
  signal?: AbortSignal,
): Promise<void> {
  const actual = await readPinned(store, variant.manifest, sources, signal);
  if (actual.layerHash === variant.layerHash && actual.layer.digest === variant.layer.digest) return;
  const { name, version } = variant.identity;
  throw new BunnyError('BUNNY_EMETADATA', `the index entry of ${name} ${version} contradicts its manifest`, {
    where: `${sources[0]?.name ?? name}@${variant.manifest.digest}`,
    hint: 'run `bunny index rebuild` on the namespace, or ask whoever publishes there',
    exitStatus: exitStatus.registry,
  });
}
