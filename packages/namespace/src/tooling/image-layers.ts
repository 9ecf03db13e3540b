import { parseReference } from 'bunny-libos-oci';
import { type ImageOptions, readContainerImage } from './container-image.js';
import type { RootfsLayer } from './rootfs-layer.js';
import { isRulesLayer } from './rules-layer.js';

/**
 * The layers of an OCI image, as they are on its registry or in its layout. Of an image for several platforms
 * the one for this machine is taken: a tooling layer runs where images are built. Of another tooling layer its
 * rules are left out: the new one has its own.
 * Throws BunnyError BUNNY_EROOTFS where there is no such image, and OciError.
 */
export async function imageLayers(
  reference: string,
  options: Omit<ImageOptions, 'hint' | 'platform'>,
): Promise<RootfsLayer[]> {
  const hint = 'correct rootfs.image in tooling.yaml';
  const { tag, digest, ...repository } = parseReference(reference);
  const named = { repository, reference: digest ?? tag ?? 'latest' };
  const { layers } = await readContainerImage(named, { ...options, hint });
  return layers.filter(({ descriptor }) => !isRulesLayer(descriptor));
}
