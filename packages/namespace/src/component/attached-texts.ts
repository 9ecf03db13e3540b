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

/** Attaches a text to a manifest, as a referrer whose artifact type is the text's media type. The same text again changes nothing. */
export async function attachText(
  target: Target,
  subject: Descriptor,
  type: string,
  text: string | Uint8Array,
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
 * The texts of a type that are attached to a manifest, of 64 MiB each at most. Anybody who may push attaches one: nothing
 * vouches for them but what signs them. Throws BUNNY_EMETADATA for what has the type and no text (`named`: what it is
 * said to be, and what to do about it), and what the target throws.
 */
export async function attachedTexts(
  target: Target,
  subject: Descriptor,
  type: string,
  named: { what: string; hint: string },
  options: TransferOptions = {},
): Promise<string[]> {
  const texts: string[] = [];
  for (const referrer of await target.referrers(subject, type, options)) {
    const where = `${target.name}@${referrer.digest}`;
    const bytes = await readBytes(target, referrer, maximumManifestSize, options);
    const manifest = parseManifest(bytes, referrer.mediaType, where);
    const layer = isIndex(manifest) ? undefined : manifest.layers.find(({ mediaType }) => mediaType === type);
    if (layer === undefined) {
      throw new BunnyError('BUNNY_EMETADATA', `what is attached as ${named.what} holds none`, {
        where,
        hint: named.hint,
        exitStatus: exitStatus.registry,
      });
    }
    texts.push(Buffer.from(await readBytes(target, layer, defaultReadLimit, options)).toString());
  }
  return texts;
}
