import type { Descriptor } from './descriptor.js';
import { tryParseDigest, verified, verifyBytes } from './digest.js';
import { OciError, throwIfAborted } from './errors.js';
import { isManifestType, parseManifest } from './manifest-validation.js';
import { requireTag, requireTagOrDigest } from './reference.js';
import { byDigest, referrerDescriptor } from './referrer.js';
import type { Content, Target, TransferOptions } from './target.js';

interface Held {
  bytes: Uint8Array;
  /** Undefined for blobs. */
  manifest?: { descriptor: Descriptor; subject: string | undefined; referrer: Descriptor } | undefined;
}

/**
 * One repository in memory: for tests, and to see what a command would push. What it holds is gone with it, so it suits
 * no layers of gigabytes.
 */
export class MemoryTarget implements Target {
  readonly name: string;
  readonly #content = new Map<string, Held>();
  readonly #tags = new Map<string, string>();

  constructor(name = 'memory') {
    this.name = name;
  }

  async *fetch(descriptor: Descriptor, options: TransferOptions = {}): AsyncGenerator<Uint8Array> {
    const where = `${this.name}@${descriptor.digest}`;
    const held = this.#content.get(descriptor.digest);
    if (held === undefined) throw notFound(where, 'the content is not there', 'check the digest');
    for await (const chunk of verified(pieces(held.bytes), descriptor, where)) {
      throwIfAborted(options.signal);
      options.onBytes?.(chunk.length);
      yield chunk;
    }
  }

  async fetchManifest(reference: string): Promise<{ descriptor: Descriptor; bytes: Uint8Array } | undefined> {
    const held = this.#held(reference);
    return held?.manifest && { descriptor: held.manifest.descriptor, bytes: held.bytes };
  }

  async resolve(reference: string): Promise<Descriptor | undefined> {
    return this.#held(reference)?.manifest?.descriptor;
  }

  async exists({ digest }: Descriptor): Promise<boolean> {
    return this.#content.has(digest);
  }

  async push(descriptor: Descriptor, content: Content, options: TransferOptions = {}): Promise<void> {
    const { mediaType, digest, size } = descriptor;
    if (this.#content.has(digest)) return;
    const where = `${this.name}@${digest}`;
    const bytes = await gathered(descriptor, content, where, options);
    if (!isManifestType(mediaType)) {
      this.#content.set(digest, { bytes });
      return;
    }
    const document = parseManifest(bytes, mediaType, where);
    const { artifactType, subject } = document;
    this.#content.set(digest, {
      bytes,
      manifest: {
        descriptor: { mediaType, digest, size, ...(artifactType && { artifactType }) },
        subject: subject?.digest,
        referrer: referrerDescriptor({ mediaType, digest, size }, document),
      },
    });
  }

  async tag({ digest }: Descriptor, tag: string): Promise<void> {
    requireTag(tag, this.name);
    if (this.#content.get(digest)?.manifest === undefined) {
      throw notFound(
        `${this.name}@${digest}`,
        'the manifest to be tagged is not there',
        'push the manifest first',
      );
    }
    this.#tags.set(tag, digest);
  }

  async tags(): Promise<string[]> {
    return [...this.#tags.keys()].sort();
  }

  async referrers({ digest }: Descriptor, artifactType?: string): Promise<Descriptor[]> {
    return [...this.#content.values()]
      .flatMap(({ manifest }) => (manifest?.subject === digest ? manifest.referrer : []))
      .filter((each) => artifactType === undefined || each.artifactType === artifactType)
      .sort(byDigest);
  }

  /** With a manifest go its tags. */
  async delete(reference: string): Promise<void> {
    const isDigest = tryParseDigest(reference) !== undefined;
    const removed = isDigest
      ? this.#content.delete(reference)
      : this.#tags.delete(requireTagOrDigest(reference, this.name));
    if (!removed) {
      const where = `${this.name}${isDigest ? '@' : ':'}${reference}`;
      throw notFound(where, 'there is nothing of that name to delete', 'check the tag or digest');
    }
    for (const [tag, digest] of this.#tags) if (digest === reference) this.#tags.delete(tag);
  }

  #held(reference: string): Held | undefined {
    const isDigest = tryParseDigest(reference) !== undefined;
    const digest = isDigest ? reference : this.#tags.get(requireTagOrDigest(reference, this.name));
    return digest === undefined ? undefined : this.#content.get(digest);
  }
}

/** Bytes of one piece, so that a reader sees how far it is, and can stop. */
const pieceSize = 64 * 1024;

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

/** A copy: who pushed bytes may write over them afterwards. */
async function gathered(
  descriptor: Descriptor,
  content: Content,
  where: string,
  { signal, onBytes }: TransferOptions,
): Promise<Uint8Array> {
  throwIfAborted(signal);
  if (content instanceof Uint8Array) {
    verifyBytes(content, descriptor, where);
    onBytes?.(content.length);
    return Buffer.from(content);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified(content(), descriptor, where)) {
    throwIfAborted(signal);
    onBytes?.(chunk.length);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

function notFound(where: string, summary: string, hint: string): OciError {
  return new OciError('BUNNY_ENOTFOUND', summary, { where, hint });
}
