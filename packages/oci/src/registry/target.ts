import type { Descriptor } from '../content/descriptor.js';
import { tryParseDigest } from '../content/digest.js';
import { codeOf, OciError } from '../content/errors.js';
import { isManifestType, parseManifest } from '../content/manifest-validation.js';
import { requireTag, requireTagOrDigest } from '../content/reference.js';
import { referrerDescriptor } from '../content/referrer.js';
import type { Content, Target, TransferOptions } from '../content/target.js';
import { blobExists, deleteBlob, fetchBlob, streamBlob } from './blobs.js';
import type { RegistryClient } from './client.js';
import {
  deleteManifest,
  type FetchedManifest,
  fetchManifest,
  putManifest,
  resolveManifest,
} from './manifests.js';
import { changeFallback, listReferrers } from './referrers.js';
import { Repository } from './repository.js';
import { listTags } from './tags.js';
import { uploadBlob } from './upload.js';
import { mountBlob, type UploadSession } from './upload-session.js';

/** Manifests that were pushed a moment ago are kept so that tagging them needs no download. */
const keptManifests = 32;

/** One repository on a registry, over HTTP (distribution-spec 1.1). */
export class RegistryTarget implements Target {
  readonly name: string;
  readonly #repository: Repository;
  readonly #recent = new Map<string, Uint8Array>();
  /** Blobs found absent, so that pushing them does not ask again. */
  readonly #absent = new Set<string>();
  /** Uploads that a refused mount has opened. */
  readonly #sessions = new Map<string, UploadSession>();
  /** Repositories that nothing may be mounted from. */
  readonly #unmountable = new Set<string>();
  /** Digest -> size of manifests as a HEAD told it, which some registries get wrong. */
  readonly #toldSizes = new Map<string, number>();

  constructor(client: RegistryClient, path: string) {
    this.#repository = new Repository(client, path);
    this.name = this.#repository.name;
  }

  fetch(descriptor: Descriptor, options?: TransferOptions): AsyncIterable<Uint8Array> {
    if (!isManifestType(descriptor.mediaType)) return fetchBlob(this.#repository, descriptor, options);
    return this.#streamManifest(descriptor, options);
  }

  /** As `fetch`, for a consumer that verifies what it gets. */
  fetchUnverified(descriptor: Descriptor, options?: TransferOptions): AsyncIterable<Uint8Array> {
    if (!isManifestType(descriptor.mediaType)) return streamBlob(this.#repository, descriptor, options);
    return this.#streamManifest(descriptor, options);
  }

  async fetchManifest(reference: string, options?: TransferOptions): Promise<FetchedManifest | undefined> {
    return await fetchManifest(this.#repository, requireTagOrDigest(reference, this.name), options);
  }

  async resolve(reference: string, options?: TransferOptions): Promise<Descriptor | undefined> {
    const found = await resolveManifest(this.#repository, requireTagOrDigest(reference, this.name), options);
    if (found !== undefined) this.#toldSizes.set(found.digest, found.size);
    return found;
  }

  async exists(descriptor: Descriptor, options?: TransferOptions): Promise<boolean> {
    if (isManifestType(descriptor.mediaType))
      return (await this.resolve(descriptor.digest, options)) !== undefined;
    const found = await blobExists(this.#repository, descriptor, options);
    if (!found) this.#absent.add(descriptor.digest);
    return found;
  }

  async push(descriptor: Descriptor, content: Content, options: TransferOptions = {}): Promise<void> {
    if (isManifestType(descriptor.mediaType)) {
      await this.#pushManifest(descriptor, await gather(content, descriptor), options);
      return;
    }
    const session = this.#sessions.get(descriptor.digest);
    this.#sessions.delete(descriptor.digest);
    const absent = session !== undefined || this.#absent.delete(descriptor.digest);
    if (!absent && (await blobExists(this.#repository, descriptor, options))) return;
    await uploadBlob(this.#repository, descriptor, content, options, session);
  }

  /**
   * Takes a blob over from another repository of this registry (distribution-spec 1.1, "Mounting a
   * blob"). False where the registry does not, whatever it says to it: the blob can be pushed. The upload that it
   * opened instead is used by the next push.
   */
  async mount(descriptor: Descriptor, from: Target, options: TransferOptions = {}): Promise<boolean> {
    if (
      !(from instanceof RegistryTarget) ||
      from.#repository.client.base.href !== this.#repository.client.base.href
    )
      return false;
    const source = from.#repository;
    if (this.#unmountable.has(source.path)) return false;
    try {
      const session = await mountBlob(this.#repository, descriptor.digest, source, options);
      if (session === 'created') return true;
      if (session !== undefined) this.#sessions.set(descriptor.digest, session);
    } catch (error) {
      if (!(error instanceof OciError) || error.code === 'BUNNY_EABORTED') throw error;
      this.#unmountable.add(source.path);
    }
    return false;
  }

  async tag(descriptor: Descriptor, tag: string, options: TransferOptions = {}): Promise<void> {
    const reference = requireTag(tag, this.name);
    const known = this.#recent.get(descriptor.digest);
    const found =
      known === undefined
        ? await fetchManifest(this.#repository, descriptor.digest, options)
        : { descriptor, bytes: known };
    if (found === undefined) {
      throw new OciError('BUNNY_ENOTFOUND', 'the manifest to be tagged is not on the registry', {
        where: `${this.name}@${descriptor.digest}`,
        hint: 'push the manifest first',
      });
    }
    await putManifest(this.#repository, reference, found.descriptor, found.bytes, options);
  }

  tags(options?: TransferOptions): Promise<string[]> {
    return listTags(this.#repository, options);
  }

  referrers(descriptor: Descriptor, artifactType?: string, options?: TransferOptions): Promise<Descriptor[]> {
    return listReferrers(this.#repository, descriptor.digest, artifactType, options);
  }

  /**
   * Removes a tag or, by digest, a manifest or blob. Where the registry cannot remove a tag, its
   * manifest is removed, and with it all tags of that manifest.
   */
  async delete(reference: string, options: TransferOptions = {}): Promise<void> {
    const checked = requireTagOrDigest(reference, this.name);
    if (tryParseDigest(checked) === undefined) {
      const outcome = await deleteManifest(this.#repository, checked, options);
      if (outcome === 'deleted') return;
      const digest = outcome === 'unsupported' ? (await this.resolve(checked, options))?.digest : undefined;
      if (digest === undefined) throw this.#nothing(reference);
      await this.#deleteDigest(digest, reference, options);
      return;
    }
    await this.#deleteDigest(checked, reference, options);
  }

  async #deleteDigest(digest: string, reference: string, options: TransferOptions): Promise<void> {
    const found = await this.#manifestOf(digest, options);
    const deletion = await (found === undefined ? deleteBlob : deleteManifest)(
      this.#repository,
      digest,
      options,
    );
    if (deletion === 'unsupported') throw this.#undeletable(digest);
    if (found === undefined) {
      if (deletion === 'absent') throw this.#nothing(reference);
      return;
    }
    const subject = parseManifest(found.bytes, found.descriptor.mediaType, this.name).subject?.digest;
    if (subject === undefined || this.#repository.client.knowledge.referrers === 'api') return;
    await changeFallback(this.#repository, subject, { remove: digest }, options);
  }

  /** The manifest of this digest. A digest of a blob has none; distribution has a fault of its own when asked. */
  async #manifestOf(digest: string, options: TransferOptions): Promise<FetchedManifest | undefined> {
    try {
      return await fetchManifest(this.#repository, digest, { ...options, once: true });
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'BUNNY_EREGISTRY' && code !== 'BUNNY_EMANIFEST') throw error;
      if (await blobExists(this.#repository, { digest }, options)) return undefined;
      throw error;
    }
  }

  async #pushManifest(descriptor: Descriptor, bytes: Uint8Array, options: TransferOptions): Promise<void> {
    const document = parseManifest(bytes, descriptor.mediaType, `${this.name}@${descriptor.digest}`);
    const listed = await putManifest(this.#repository, descriptor.digest, descriptor, bytes, options);
    this.#keep(descriptor.digest, bytes);
    if (document.subject === undefined || listed) return;
    const add = referrerDescriptor(descriptor, document);
    await changeFallback(this.#repository, document.subject.digest, { add }, options);
  }

  async *#streamManifest(
    descriptor: Descriptor,
    options?: TransferOptions,
  ): AsyncGenerator<Uint8Array, void> {
    const found = await fetchManifest(this.#repository, descriptor.digest, options);
    if (found === undefined) {
      throw new OciError('BUNNY_ENOTFOUND', 'the registry does not have the manifest', {
        where: `${this.name}@${descriptor.digest}`,
        hint: 'it may have been deleted: publish it again, or use another registry',
      });
    }
    const { digest, size } = descriptor;
    if (found.bytes.length !== size && this.#toldSizes.get(digest) !== size) {
      throw new OciError(
        'BUNNY_ESIZE',
        `the manifest has ${found.bytes.length} bytes where ${descriptor.size} were announced`,
        {
          where: `${this.name}@${descriptor.digest}`,
          hint: 'whoever published the index that announces it has to correct it',
        },
      );
    }
    yield found.bytes;
  }

  #keep(digest: string, bytes: Uint8Array): void {
    this.#recent.set(digest, bytes);
    if (this.#recent.size <= keptManifests) return;
    for (const oldest of this.#recent.keys()) {
      this.#recent.delete(oldest);
      break;
    }
  }

  #undeletable(digest: string): OciError {
    return new OciError('BUNNY_EUNSUPPORTED', 'the registry does not delete this', {
      where: `${this.name}@${digest}`,
      hint: 'deleting may be switched off there; its operator may be able to',
    });
  }

  #nothing(reference: string): OciError {
    return new OciError('BUNNY_ENOTFOUND', 'there is nothing of that name to delete', {
      where: `${this.name}${reference.includes(':') ? '@' : ':'}${reference}`,
      hint: 'check the tag or digest',
    });
  }
}

async function gather(content: Content, descriptor: Descriptor): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > descriptor.size) break;
  }
  return Buffer.concat(chunks);
}
