import path from 'node:path';
import type { Descriptor } from '../content/descriptor.js';
import { tryParseDigest, verifyBytes } from '../content/digest.js';
import { codeOf, OciError } from '../content/errors.js';
import { isManifestType, parseManifest } from '../content/manifest-validation.js';
import { isTag, requireTag, requireTagOrDigest } from '../content/reference.js';
import { byDigest, referrerDescriptor } from '../content/referrer.js';
import { maximumManifestSize } from '../content/strict-json.js';
import type { Content, Target, TransferOptions } from '../content/target.js';
import { BlobDirectory } from './blob-directory.js';
import { LayoutIndex, refNameKey } from './layout-index.js';

/**
 * One repository of an image layout on disk (image-spec 1.1, image-layout.md). The repositories of a
 * layout share its blobs and its index.json; a tag is the entry whose `ref.name` annotation is
 * `path:tag`, or `tag` where the path is empty. skopeo and oras read and write the same.
 * Safe with several processes, also when some of them are killed.
 */
export class Layout implements Target {
  readonly name: string;
  readonly #prefix: string;
  readonly #blobs: BlobDirectory;
  readonly #index: LayoutIndex;
  /** Subjects of manifests, which never change: digest -> the entry it makes as a referrer, or undefined. */
  readonly #subjects = new Map<string, { subject: string; referrer: Descriptor } | undefined>();
  readonly #onNotice: (text: string) => void;
  #initialised: Promise<void> | undefined;

  /** `onNotice` is told of referrers that are passed over. */
  constructor(directory: string, repository = '', onNotice: (text: string) => void = () => undefined) {
    this.#onNotice = onNotice;
    this.name = `oci:${directory}${repository === '' ? '' : `:${repository}`}`;
    this.#prefix = repository === '' ? '' : `${repository}:`;
    this.#blobs = blobsOf(path.resolve(directory));
    this.#index = indexOf(path.resolve(directory));
  }

  fetch(descriptor: Descriptor, options?: TransferOptions): AsyncIterable<Uint8Array> {
    return this.#blobs.stream(descriptor, options);
  }

  async fetchManifest(reference: string): Promise<{ descriptor: Descriptor; bytes: Uint8Array } | undefined> {
    const digest = await this.#digestOf(reference);
    if (digest === undefined) return undefined;
    const bytes = await this.#blobs.readRaw(digest, maximumManifestSize);
    if (bytes === undefined) {
      if (digest === reference) return undefined;
      throw new OciError('BUNNY_ENOTFOUND', `tag ${reference} points to a manifest that the layout lacks`, {
        where: `${this.name}@${digest}`,
        hint: 'the layout was copied in part: copy it again',
      });
    }
    const content = { digest, size: bytes.length };
    verifyBytes(bytes, content, `${this.name}@${digest}`);
    const { mediaType, artifactType } = parseManifest(bytes, undefined, `${this.name}@${digest}`);
    return { descriptor: { mediaType, ...content, ...(artifactType && { artifactType }) }, bytes };
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    if (tryParseDigest(reference) === undefined) {
      const entry = await this.#index.named(this.#prefix + requireTagOrDigest(reference, this.name));
      return entry === undefined ? undefined : plain(entry);
    }
    return (await this.fetchManifest(reference))?.descriptor;
  }

  exists(descriptor: Descriptor): Promise<boolean> {
    return this.#blobs.has(descriptor);
  }

  async push(descriptor: Descriptor, content: Content, options: TransferOptions = {}): Promise<void> {
    await this.#initialise();
    if (!(await this.#blobs.has(descriptor))) {
      const source = content instanceof Uint8Array ? content : content();
      await this.#blobs.write(descriptor, source, options);
    }
    if (isManifestType(descriptor.mediaType)) await this.#listReferrer(descriptor);
  }

  async tag(descriptor: Descriptor, tag: string): Promise<void> {
    const name = this.#prefix + requireTag(tag, this.name);
    if (!(await this.#blobs.has(descriptor))) {
      throw new OciError('BUNNY_ENOTFOUND', 'the manifest to be tagged is not in the layout', {
        where: `${this.name}@${descriptor.digest}`,
        hint: 'push the manifest first',
      });
    }
    const entry = { ...plain(descriptor), annotations: { ...descriptor.annotations, [refNameKey]: name } };
    await this.#index.update((entries) => {
      const same = entries.findIndex((each) => each.annotations?.[refNameKey] === name);
      if (same >= 0 && entries[same]?.digest === descriptor.digest) return false;
      if (same >= 0) entries.splice(same, 1);
      const unnamed = entries.findIndex(
        (each) => each.digest === descriptor.digest && each.annotations?.[refNameKey] === undefined,
      );
      if (unnamed >= 0) entries.splice(unnamed, 1);
      entries.push(entry);
      return true;
    });
  }

  async tags(): Promise<string[]> {
    const found = [];
    for (const entry of await this.#index.entries()) {
      const name = entry.annotations?.[refNameKey];
      if (name === undefined || !name.startsWith(this.#prefix)) continue;
      const tag = name.slice(this.#prefix.length);
      if (isTag(tag)) found.push(tag);
    }
    return [...new Set(found)].sort();
  }

  async referrers(descriptor: Descriptor, artifactType?: string): Promise<Descriptor[]> {
    const found = new Map<string, Descriptor>();
    for (const entry of await this.#index.entries()) {
      const known = await this.#readableSubject(entry);
      if (known?.subject !== descriptor.digest) continue;
      if (artifactType !== undefined && known.referrer.artifactType !== artifactType) continue;
      found.set(entry.digest, known.referrer);
    }
    return [...found.values()].sort(byDigest);
  }

  async delete(reference: string): Promise<void> {
    const isDigest = tryParseDigest(reference) !== undefined;
    const name = isDigest ? undefined : this.#prefix + requireTagOrDigest(reference, this.name);
    let removed = false;
    await this.#index.update((entries) => {
      const kept = entries.filter((each) =>
        isDigest ? each.digest !== reference : each.annotations?.[refNameKey] !== name,
      );
      removed = kept.length < entries.length;
      entries.length = 0;
      for (const each of kept) entries.push(each);
      return removed;
    });
    if (isDigest) removed = (await this.#blobs.remove(reference)) || removed;
    if (!removed) {
      throw new OciError('BUNNY_ENOTFOUND', 'there is nothing of that name to delete', {
        where: isDigest ? `${this.name}@${reference}` : `${this.name}:${reference}`,
        hint: 'check the tag or digest',
      });
    }
  }

  async #initialise(): Promise<void> {
    this.#initialised ??= this.#begin();
    try {
      await this.#initialised;
    } catch (error) {
      this.#initialised = undefined;
      throw error;
    }
  }

  async #begin(): Promise<void> {
    await this.#index.initialise();
    await this.#blobs.sweep(Date.now());
  }

  async #digestOf(reference: string): Promise<string | undefined> {
    if (tryParseDigest(reference) !== undefined) return reference;
    return (await this.#index.named(this.#prefix + requireTagOrDigest(reference, this.name)))?.digest;
  }

  /** A manifest with a subject is listed without a name, so that it can be found from its subject. */
  async #listReferrer(descriptor: Descriptor): Promise<void> {
    const known = await this.#subjectOf(descriptor);
    if (known === undefined) return;
    await this.#index.update((entries) => {
      if (entries.some((each) => each.digest === descriptor.digest)) return false;
      entries.push(plain(known.referrer));
      return true;
    });
  }

  /** As `#subjectOf`; a manifest that is not well formed is passed over: it may refer to anything. */
  async #readableSubject(entry: Descriptor): Promise<{ subject: string; referrer: Descriptor } | undefined> {
    try {
      return await this.#subjectOf(entry);
    } catch (error) {
      if (codeOf(error) !== 'BUNNY_EMANIFEST') throw error;
      this.#subjects.set(entry.digest, undefined);
      this.#onNotice(`${this.name}@${entry.digest} is skipped: ${(error as Error).message}`);
      return undefined;
    }
  }

  async #subjectOf(entry: Descriptor): Promise<{ subject: string; referrer: Descriptor } | undefined> {
    if (!isManifestType(entry.mediaType)) return undefined;
    if (this.#subjects.has(entry.digest)) return this.#subjects.get(entry.digest);
    const bytes = await this.#blobs.readRaw(entry.digest, maximumManifestSize);
    if (bytes === undefined) return undefined;
    verifyBytes(bytes, entry, `${this.name}@${entry.digest}`);
    const document = parseManifest(bytes, entry.mediaType, `${this.name}@${entry.digest}`);
    const subject = document.subject?.digest;
    const known =
      subject === undefined ? undefined : { subject, referrer: referrerDescriptor(plain(entry), document) };
    this.#subjects.set(entry.digest, known);
    return known;
  }
}

/** A descriptor as others see it: without the name that it has in this index.json. */
function plain(descriptor: Descriptor): Descriptor {
  if (descriptor.annotations?.[refNameKey] === undefined) return descriptor;
  const { annotations, ...rest } = descriptor;
  const { [refNameKey]: _, ...kept } = annotations;
  return Object.keys(kept).length === 0 ? rest : { ...rest, annotations: kept };
}

// Repositories of one layout share what they know of its index.json, and take turns in one queue.
const indexes = new Map<string, LayoutIndex>();
const directories = new Map<string, BlobDirectory>();

function indexOf(directory: string): LayoutIndex {
  return shared(indexes, directory, () => new LayoutIndex(directory));
}

function blobsOf(directory: string): BlobDirectory {
  return shared(directories, directory, () => new BlobDirectory(directory));
}

function shared<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
