import type { Descriptor } from '../content/descriptor.js';
import { digestOf, isSameAlgorithm, tryParseDigest, verifyBytes } from '../content/digest.js';
import { OciError } from '../content/errors.js';
import { isManifestType, manifestTypes, parseManifest } from '../content/manifest-validation.js';
import { maximumManifestSize } from '../content/strict-json.js';
import type { TransferOptions } from '../content/target.js';
import type { HttpResponse } from '../http/response.js';
import { pause } from '../http/retry.js';
import { isHeadRefused, learnHead } from './blobs.js';
import { type Deletion, deletionBy } from './deletion.js';
import type { Repository } from './repository.js';

const accept = manifestTypes.join(', ');

export interface FetchedManifest {
  descriptor: Descriptor;
  bytes: Uint8Array;
}

export interface ManifestOptions extends TransferOptions {
  /** Passing failures are not tried again. */
  once?: boolean | undefined;
}

/** A manifest that was verified and not read. */
interface ManifestContent {
  bytes: Uint8Array;
  digest: string;
  /** As it was served, where that is the type of a manifest. */
  mediaType: string | undefined;
  /** For messages. */
  where: string;
}

/**
 * Pulls a manifest by tag or digest (distribution-spec 1.1, "Pulling manifests"): verified against the
 * digest where one is given, and against the one that the registry names. Undefined where there is none.
 */
export async function fetchManifest(
  repository: Repository,
  reference: string,
  options: ManifestOptions = {},
): Promise<FetchedManifest | undefined> {
  const found = await fetchContent(repository, reference, options);
  if (found === undefined) return undefined;
  const { bytes, digest } = found;
  const document = parseManifest(bytes, found.mediaType, found.where);
  const descriptor: Descriptor = { mediaType: document.mediaType, digest, size: bytes.length };
  if (document.artifactType) descriptor.artifactType = document.artifactType;
  return { descriptor, bytes };
}

/** As `fetchManifest`, for documents that the caller reads in a way of its own. */
export async function fetchContent(
  repository: Repository,
  reference: string,
  options: ManifestOptions = {},
): Promise<ManifestContent | undefined> {
  const { signal, connectOnce } = options;
  const response = await repository.request('pull', 'GET', `manifests/${reference}`, {
    headers: { accept },
    signal,
    connectOnce,
    repeatable: !options.once,
    gather: maximumManifestSize,
  });
  if (response.status === 404) {
    await response.discard();
    return undefined;
  }
  if (response.status !== 200)
    throw await repository.refusal('pull', response, 'deliver the manifest', reference);
  const bytes = await response.bytes(maximumManifestSize);
  options.onBytes?.(bytes.length);
  const where =
    tryParseDigest(reference) === undefined
      ? `${repository.name}:${reference}`
      : `${repository.name}@${reference}`;
  const digest = checkedDigest(response, bytes, reference, where);
  return { bytes, digest, mediaType: mediaTypeOf(response), where };
}

function checkedDigest(response: HttpResponse, bytes: Uint8Array, reference: string, where: string): string {
  if (tryParseDigest(reference) !== undefined) {
    verifyBytes(bytes, { digest: reference, size: bytes.length }, where);
    return reference;
  }
  const named = namedDigest(response, where);
  if (named === undefined) return digestOf(bytes);
  verifyBytes(bytes, { digest: named, size: bytes.length }, where);
  return named;
}

/** `Docker-Content-Digest`, where there is one. Throws BUNNY_EDIGEST where there are two that differ, or it is no digest. */
function namedDigest(response: HttpResponse, where: string): string | undefined {
  const values = [
    ...new Set(response.headers('docker-content-digest').flatMap((each) => each.split(/\s*,\s*/))),
  ];
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length === 1 && tryParseDigest(value) !== undefined) return value;
  throw new OciError('BUNNY_EDIGEST', 'the registry names no usable digest for the manifest', {
    where,
    hint: 'the registry, or a proxy before it, is faulty; ask its operator',
  });
}

/** Registries that know no better serve JSON; then the document says what it is. */
function mediaTypeOf(response: HttpResponse): string | undefined {
  const type = response.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  return type !== undefined && isManifestType(type) ? type : undefined;
}

/** Resolves a tag or digest by one HEAD; by a GET where the registry's answer lacks what is needed. */
export async function resolveManifest(
  repository: Repository,
  reference: string,
  options: TransferOptions = {},
): Promise<Descriptor | undefined> {
  const { signal, connectOnce } = options;
  const byGet = async () => (await fetchManifest(repository, reference, options))?.descriptor;
  if (repository.client.knowledge.head === false) return await byGet();
  const response = await repository.request('pull', 'HEAD', `manifests/${reference}`, {
    headers: { accept },
    signal,
    connectOnce,
  });
  await response.discard();
  if (response.status === 404) return undefined;
  if (isHeadRefused(response.status)) {
    learnHead(repository, response.status);
    return await byGet();
  }
  if (response.status !== 200)
    throw await repository.refusal('pull', response, 'resolve the manifest', reference);
  const digest = namedDigest(response, `${repository.name}:${reference}`);
  const size = Number(response.header('content-length') ?? Number.NaN);
  const mediaType = mediaTypeOf(response);
  const isDigest = tryParseDigest(reference) !== undefined;
  const isComparable = digest !== undefined && (!isDigest || isSameAlgorithm(digest, reference));
  // No manifest is empty: a length of 0 is that of the answer to HEAD.
  if (!isComparable || mediaType === undefined || !(Number.isSafeInteger(size) && size > 0))
    return await byGet();
  if (isDigest && digest !== reference) {
    throw new OciError('BUNNY_EDIGEST', `the registry answers with ${digest}`, {
      where: `${repository.name}@${reference}`,
      hint: 'do not trust this registry: ask whoever runs it',
    });
  }
  return { mediaType, digest, size };
}

/** How often a manifest is pushed whose parts the registry does not know. */
const maximumPuts = 5;

/**
 * Pushes a manifest under its digest or a tag (distribution-spec 1.1, "Pushing Manifests"). Returns
 * whether the registry has listed it with its subject by itself (`OCI-Subject`). It is pushed more than once where the
 * registry does not know its parts: distribution writes the entry of a blob or manifest in place, so one that another
 * client pushes again is unknown for a moment.
 */
export async function putManifest(
  repository: Repository,
  reference: string,
  descriptor: Descriptor,
  bytes: Uint8Array,
  options: TransferOptions = {},
): Promise<boolean> {
  verifyBytes(bytes, descriptor);
  for (let attempt = 1; ; attempt++) {
    try {
      return await putOnce(repository, reference, descriptor, bytes, options);
    } catch (error) {
      const isPartUnknown = error instanceof OciError && error.refusals.includes('MANIFEST_BLOB_UNKNOWN');
      if (!isPartUnknown || attempt >= maximumPuts) throw error;
      await pause(20 * 2 ** attempt, options.signal);
    }
  }
}

async function putOnce(
  repository: Repository,
  reference: string,
  descriptor: Descriptor,
  bytes: Uint8Array,
  options: TransferOptions,
): Promise<boolean> {
  const { signal } = options;
  const response = await repository.request('push', 'PUT', `manifests/${reference}`, {
    headers: { 'content-type': descriptor.mediaType },
    body: bytes,
    signal,
  });
  if (response.status !== 201 && response.status !== 200) {
    throw await repository.refusal('push', response, 'take the manifest', reference);
  }
  await response.discard();
  options.onBytes?.(bytes.length);
  const stored = namedDigest(response, `${repository.name}@${descriptor.digest}`);
  if (stored !== undefined && stored !== descriptor.digest && isSameAlgorithm(stored, descriptor.digest)) {
    throw new OciError('BUNNY_EDIGEST', `the registry stored the manifest as ${stored}`, {
      where: `${repository.name}@${descriptor.digest}`,
      hint: 'the content was damaged on its way, or the registry is faulty: push again',
    });
  }
  return response.header('oci-subject') !== undefined;
}

/** Removes a manifest by digest, or a tag (distribution-spec 1.1, "Deleting Manifests", "Deleting tags"). */
export async function deleteManifest(
  repository: Repository,
  reference: string,
  options: TransferOptions = {},
): Promise<Deletion> {
  const { signal } = options;
  const response = await repository.request('delete', 'DELETE', `manifests/${reference}`, { signal });
  return await deletionBy(response, () =>
    repository.refusal('delete', response, 'delete the manifest', reference),
  );
}
