import type { Descriptor } from './descriptor.js';
import { digestOf, verifyBytes } from './digest.js';
import { OciError } from './errors.js';
import type { Target, TransferOptions } from './target.js';

/** What `readBytes` brings into memory unless another limit is given. Bytes. */
export const defaultReadLimit = 64 * 1024 * 1024;

/**
 * The content that a descriptor carries in its `data` (image-spec 1.1, descriptor.md), verified;
 * undefined where it carries none. Throws BUNNY_EMANIFEST, BUNNY_ESIZE, BUNNY_EDIGEST.
 */
export function inlineData(descriptor: Descriptor): Uint8Array | undefined {
  if (typeof descriptor.data !== 'string') return undefined;
  const bytes = Buffer.from(descriptor.data, 'base64');
  if (bytes.toString('base64') !== descriptor.data) {
    throw new OciError('BUNNY_EMANIFEST', 'the inline data of a descriptor is not base64', {
      where: descriptor.digest,
      hint: 'whoever published it has to correct it',
    });
  }
  verifyBytes(bytes, descriptor);
  return bytes;
}

/**
 * The whole, verified content of a descriptor; no request where it is inline. `limit` in bytes is
 * checked before anything is read. Throws BUNNY_ELIMIT, and as `Target.fetch`.
 */
export async function readBytes(
  target: Pick<Target, 'fetch'>,
  descriptor: Descriptor,
  limit: number = defaultReadLimit,
  options?: TransferOptions,
): Promise<Uint8Array> {
  if (descriptor.size > limit) {
    throw new OciError(
      'BUNNY_ELIMIT',
      `content of ${descriptor.size} bytes; at most ${limit} are read here`,
      {
        where: descriptor.digest,
        hint: 'nothing that is meant to be read whole is so large: do not trust whoever wrote it',
      },
    );
  }
  const inline = inlineData(descriptor);
  if (inline !== undefined) return inline;
  const chunks: Uint8Array[] = [];
  for await (const chunk of target.fetch(descriptor, options)) chunks.push(chunk);
  const only = chunks.length === 1 ? chunks[0] : undefined;
  return only ?? Buffer.concat(chunks);
}

/** A target that can leave verification to a consumer that does it anyway, so that it is done once. */
export interface UnverifiedSource {
  /** As `fetch`, but what comes may have any length and content. */
  fetchUnverified(descriptor: Descriptor, options?: TransferOptions): AsyncIterable<Uint8Array>;
  /** Told by the consumer that what came was not the content. */
  refuted?(error: OciError): void;
}

/** Content for a consumer that verifies it, as `push` and the store do. */
export function contentToVerify(
  source: Pick<Target, 'fetch'> & Partial<UnverifiedSource>,
  descriptor: Descriptor,
  options?: TransferOptions,
): AsyncIterable<Uint8Array> {
  return source.fetchUnverified?.(descriptor, options) ?? source.fetch(descriptor, options);
}

/** The descriptor of bytes. `extra` adds fields such as `annotations` and `artifactType`. */
export function describe(mediaType: string, bytes: Uint8Array, extra: Partial<Descriptor> = {}): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, ...extra };
}

/** Pushes bytes (a manifest, by its media type, or a blob) and returns their descriptor with `extra` added. */
export async function pushBytes(
  target: Pick<Target, 'push'>,
  mediaType: string,
  bytes: Uint8Array,
  extra: Partial<Descriptor> = {},
  options?: TransferOptions,
): Promise<Descriptor> {
  const descriptor = describe(mediaType, bytes, extra);
  await target.push(descriptor, bytes, options);
  return descriptor;
}
