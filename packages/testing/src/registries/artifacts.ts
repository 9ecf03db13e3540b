import { randomBytes } from 'node:crypto';
import { type Descriptor, manifestType, packArchive, pushBytes, type Target } from 'bunny-libos-oci';

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
  const config = await pushBytes(target, emptyDescriptorType, emptyJson);
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: options.artifactType ?? 'application/vnd.bunny.test',
      config,
      layers: [layer],
      ...(options.subject === undefined ? {} : { subject: options.subject }),
    }),
  );
  const manifest = await pushBytes(target, manifestType, bytes);
  if (options.tag !== undefined) await target.tag(manifest, options.tag);
  return { manifest, bytes, layer };
}
