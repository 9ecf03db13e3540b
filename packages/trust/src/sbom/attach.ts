import {
  type Descriptor,
  defaultReadLimit,
  isIndex,
  maximumManifestSize,
  packManifest,
  parseManifest,
  pushBytes,
  readBytes,
  type Target,
  type TransferOptions,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { SbomFormat } from './formats.js';

/** Attaches an SBOM to a manifest, as a referrer of the format's media type. The same text again changes nothing. */
export async function attachSbom(
  target: Target,
  subject: Descriptor,
  { type }: SbomFormat,
  text: string,
  options: TransferOptions = {},
): Promise<void> {
  const layer = await pushBytes(target, type, Buffer.from(text), {}, options);
  const { mediaType, digest, size } = subject;
  await packManifest(
    target,
    { artifactType: type, layers: [layer], subject: { mediaType, digest, size } },
    options,
  );
}

/**
 * The SBOMs of a format that are attached to a manifest. Anybody who may push attaches one: nothing vouches for them but
 * what signs them. Throws BUNNY_EMETADATA for what has the type and no document, and what the target throws.
 */
export async function attachedSboms(
  target: Target,
  subject: Descriptor,
  { type }: SbomFormat,
  options: TransferOptions = {},
): Promise<string[]> {
  const texts: string[] = [];
  for (const referrer of await target.referrers(subject, type, options)) {
    const where = `${target.name}@${referrer.digest}`;
    const bytes = await readBytes(target, referrer, maximumManifestSize, options);
    const manifest = parseManifest(bytes, referrer.mediaType, where);
    const layer = isIndex(manifest) ? undefined : manifest.layers.find(({ mediaType }) => mediaType === type);
    if (layer === undefined) {
      throw new BunnyError('BUNNY_EMETADATA', 'what is attached as an SBOM holds none', {
        where,
        hint: 'remove it, and attach one with bunny build or bunny publish --sbom',
        exitStatus: exitStatus.registry,
      });
    }
    texts.push(Buffer.from(await readBytes(target, layer, defaultReadLimit, options)).toString());
  }
  return texts;
}
