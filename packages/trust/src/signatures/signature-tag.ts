import {
  type Descriptor,
  imageConfigType,
  isIndex,
  isTag,
  type Manifest,
  OciError,
  packManifest,
  parseManifest,
  pushBytes,
  type Rounds,
  readBytes,
  type Target,
  type TransferOptions,
  Turns,
  writeUntilComplete,
} from 'bunny-libos-oci';
import { present } from 'bunny-libos-spec';
import { bundleOfAnnotations, signatureAnnotation } from './certificate-annotations.js';
import { type Subject, Unusable } from './claims.js';
import { contentFault } from './content-fault.js';
import type { Found, FoundSignature } from './found-signature.js';
import { base64Bytes } from './json-parts.js';
import type { Signer } from './signer.js';
import { largestPayload, readPayload, simpleSigningType, writePayload } from './simple-signing.js';

/** Signatures under a tag that are looked at; anybody who may push can add more. */
export const mostTagged = 200;

/** What is under the tag: the digest of its image, and that. */
interface Tagged {
  digest: string;
  manifest: Manifest;
}

/** The tag that holds the signatures of a manifest: `sha256-<hex>.sig`. */
export function signatureTag(digest: string): string {
  return `${digest.replace(':', '-')}.sig`;
}

/** Whether there can be one: with sha512 it would be longer than tags may be. */
export function isTaggable(digest: string): boolean {
  return isTag(signatureTag(digest));
}

/** The signatures under the tag of a manifest: layers of one image. Throws as the target does. */
export async function findTagged(
  target: Target,
  subject: Descriptor,
  options: TransferOptions = {},
): Promise<Found> {
  const found: Found = { signatures: [], unusable: [] };
  if (!isTaggable(subject.digest)) return found;
  const refuse = (digest: string, reason: string) => found.unusable.push({ form: 'tag', digest, reason });
  let layers: Descriptor[];
  try {
    layers = (await fetchTagged(target, subject.digest, options))?.manifest.layers ?? [];
  } catch (error) {
    refuse(signatureTag(subject.digest), contentFault(error));
    return found;
  }
  const signatures = layers.filter(({ mediaType }) => mediaType === simpleSigningType);
  for (const layer of signatures.slice(0, mostTagged)) {
    try {
      found.signatures.push(await readLayer(target, layer, subject, options));
    } catch (error) {
      refuse(layer.digest, error instanceof Unusable ? error.message : contentFault(error));
    }
  }
  const rest = signatures.length - mostTagged;
  if (rest > 0) refuse(subject.digest, `${rest} more are not looked at: ${mostTagged} are the limit`);
  return found;
}

async function fetchTagged(
  target: Target,
  digest: string,
  options: TransferOptions,
): Promise<Tagged | undefined> {
  const tag = signatureTag(digest);
  const fetched = await target.fetchManifest(tag, options);
  if (fetched === undefined) return undefined;
  const where = `${target.name}:${tag}`;
  const manifest = parseManifest(fetched.bytes, fetched.descriptor.mediaType, where);
  if (!isIndex(manifest)) return { digest: fetched.descriptor.digest, manifest };
  throw new OciError('BUNNY_EMANIFEST', 'the tag for signatures names an index, not an image', {
    where,
    hint: 'remove that tag, and sign again',
  });
}

async function readLayer(
  target: Target,
  layer: Descriptor,
  subject: Descriptor,
  options: TransferOptions,
): Promise<FoundSignature> {
  const signature = base64Bytes(layer.annotations?.[signatureAnnotation], 'the signature');
  const message = await readBytes(target, layer, largestPayload, options);
  const claims = readPayload(message, subject.digest);
  const bundle = bundleOfAnnotations(layer.annotations ?? {}, message, signature);
  return present({ form: 'tag' as const, digest: layer.digest, message, signature, claims, bundle });
}

/** Of the changes of one tag. */
const turns = new Turns();

/**
 * Signs a manifest, and adds the signature to those under the tag. Registries have no compare-and-swap: the tag is looked
 * at again just before it is written, and after that, and written again where another signer was in between. Throws
 * BUNNY_EMANIFEST where something else has the tag.
 */
export async function addTagged(
  target: Target,
  descriptor: Descriptor,
  subject: Subject,
  signer: Signer,
  options: TransferOptions = {},
): Promise<void> {
  const payload = writePayload(subject);
  const annotations = await signer.annotations(payload);
  const layer = await pushBytes(target, simpleSigningType, payload, {}, options);
  const signed = { ...layer, annotations };
  const tag = signatureTag(descriptor.digest);
  const where = `${target.name}:${tag}`;
  const signatureOf = ({ annotations }: Descriptor) => annotations?.[signatureAnnotation];
  const rounds: Rounds<{ old: Tagged | undefined }> = {
    look: async () => {
      const old = await fetchTagged(target, descriptor.digest, options);
      const isThere = old?.manifest.layers.some((each) => signatureOf(each) === signatureOf(signed)) === true;
      return isThere ? undefined : { old };
    },
    write: async ({ old }) => {
      const image = await pushImage(
        target,
        [...(old?.manifest.layers ?? []), signed],
        old?.manifest,
        options,
      );
      const now = await target.resolve(tag, options);
      if (now?.digest === old?.digest) await target.tag(image, tag, options);
    },
    giveUp: () =>
      new OciError('BUNNY_EREGISTRY', 'other processes keep writing the tag for signatures', {
        where,
        hint: 'run again',
      }),
  };
  await turns.take(where, () => writeUntilComplete(rounds));
}

/** An image whose layers are signatures, with the config that cosign gives it. */
async function pushImage(
  target: Target,
  layers: readonly Descriptor[],
  old: Manifest | undefined,
  options: TransferOptions,
): Promise<Descriptor> {
  const created = '0001-01-01T00:00:00Z';
  const config = {
    architecture: '',
    created,
    history: layers.map(() => ({ created })),
    os: '',
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  };
  const configBytes = Buffer.from(JSON.stringify(config));
  const configDescriptor = await pushBytes(target, imageConfigType, configBytes, {}, options);
  return packManifest(target, { ...old, config: configDescriptor, layers }, options);
}
