import { type Descriptor, manifestType, type Store, type Target } from '@bunny/oci';
import { BunnyError, exitStatus, readComponentConfig } from '@bunny/spec';
import { readManifest } from './manifest.js';
import { type Variant, variantOfManifest } from './variant.js';

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
  const transfer = signal === undefined ? {} : { signal };
  const { name, version } = variant.identity;
  const where = `${sources[0]?.name ?? name}@${variant.manifest.digest}`;
  const descriptor: Descriptor = { mediaType: manifestType, ...variant.manifest };
  const manifest = readManifest(await store.load(descriptor, sources, transfer), manifestType, where);
  const config = readComponentConfig(await store.load(manifest.config, sources, transfer), where);
  const actual = variantOfManifest(descriptor, manifest, config, where);
  if (actual.layerHash !== variant.layerHash || actual.layer.digest !== variant.layer.digest) {
    throw new BunnyError(
      'BUNNY_EMETADATA',
      `the index entry of ${name} ${version} contradicts its manifest`,
      {
        where,
        hint: 'run `bunny index rebuild` on the namespace, or ask whoever publishes there',
        exitStatus: exitStatus.registry,
      },
    );
  }
}
