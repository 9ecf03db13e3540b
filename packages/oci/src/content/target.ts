import type { Descriptor } from './descriptor.js';

/** Content to push: bytes, or a function that opens a fresh stream each time it is called, so that a push can be repeated. */
export type Content = Uint8Array | (() => AsyncIterable<Uint8Array>);

export interface TransferOptions {
  signal?: AbortSignal | undefined;
  /**
   * A host that cannot be reached is given up at once, and for the rest of the process: for callers that have somebody
   * else to ask.
   */
  connectOnce?: boolean | undefined;
  /** Called with the number of bytes that have moved since the last call. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * One repository of content-addressed blobs and manifests with tags: on a registry, in an image
 * layout, or in memory. Everything that reads or writes artifacts works on this interface alone.
 */
export interface Target {
  /** For messages: `localhost:5000/libos/warren/libc`, `oci:dir:libos/warren/libc`. */
  readonly name: string;

  /**
   * Streams a blob or manifest. Its length and digest are checked on the way; the iteration throws
   * before it ends where they differ, so a consumer that reads to the end has the right bytes.
   * Throws OciError BUNNY_ENOTFOUND, BUNNY_EDIGEST, BUNNY_ESIZE, BUNNY_ENETWORK.
   */
  fetch(descriptor: Descriptor, options?: TransferOptions): AsyncIterable<Uint8Array>;

  /** Resolves a tag or digest to the manifest's descriptor, and brings the manifest: one request. Undefined where there is none. */
  fetchManifest(
    reference: string,
    options?: TransferOptions,
  ): Promise<{ descriptor: Descriptor; bytes: Uint8Array } | undefined>;

  /** Resolves a tag or digest without bringing the content: one HEAD. Undefined where there is none. */
  resolve(reference: string, options?: TransferOptions): Promise<Descriptor | undefined>;

  exists(descriptor: Descriptor, options?: TransferOptions): Promise<boolean>;

  /** Stores a blob or, by its media type, a manifest. Content that does not fit the descriptor is refused. There already: nothing happens. */
  push(descriptor: Descriptor, content: Content, options?: TransferOptions): Promise<void>;

  /** Points a tag at a manifest that the target already holds. */
  tag(descriptor: Descriptor, tag: string, options?: TransferOptions): Promise<void>;

  /** All tags, sorted. Empty where the repository does not exist. */
  tags(options?: TransferOptions): Promise<string[]>;

  /** Manifests whose subject is this one, sorted by digest. */
  referrers(descriptor: Descriptor, artifactType?: string, options?: TransferOptions): Promise<Descriptor[]>;

  /** Removes a tag or, by digest, a manifest or blob. */
  delete(reference: string, options?: TransferOptions): Promise<void>;
}
