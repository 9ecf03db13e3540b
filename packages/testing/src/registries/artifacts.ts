import { randomBytes } from 'node:crypto';
import {
  type Content,
  type Descriptor,
  packArchive,
  packManifest,
  pushBytes,
  type Target,
} from 'bunny-libos-oci';

export const emptyJson = Buffer.from('{}');
export const emptyDescriptorType = 'application/vnd.oci.empty.v1+json';

export interface PushedArtifact {
  manifest: Descriptor;
  bytes: Buffer;
  layer: Descriptor;
}

/** Pushes a small artifact: a config, one layer, a manifest, and a tag where one is given. */
export async function pushArtifact(
  target: Target,
  options: { tag?: string; subject?: Descriptor; artifactType?: string; size?: number } = {},
): Promise<PushedArtifact> {
  const { bytes: content } = await packArchive([
    { path: 'object.o', content: randomBytes(options.size ?? 2000) },
  ]);
  const layer = await pushBytes(target, 'application/vnd.oci.image.layer.v1.tar+gzip', content);
  const { artifactType = 'application/vnd.bunny.test', subject } = options;
  const parts = { artifactType, layers: [layer], subject };
  const manifest = await packManifest(target, parts);
  // What a target should have, told by no target.
  let bytes = Buffer.alloc(0);
  const push = async ({ digest }: Descriptor, content: Content): Promise<void> => {
    if (digest === manifest.digest) bytes = Buffer.from(content as Uint8Array);
  };
  await packManifest({ push }, parts);
  if (options.tag !== undefined) await target.tag(manifest, options.tag);
  return { manifest, bytes, layer };
}
