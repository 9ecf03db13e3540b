import path from 'node:path';
import {
  contentToVerify,
  describe,
  inlineData,
  readBytes,
  type UnverifiedSource,
} from '../content/content.js';
import type { Descriptor } from '../content/descriptor.js';
import { codeOf, OciError, throwIfAborted } from '../content/errors.js';
import { OnceMap } from '../content/once-map.js';
import type { Target, TransferOptions } from '../content/target.js';
import { BlobDirectory } from '../disk/blob-directory.js';
import { homeDirectory } from '../disk/home-directory.js';
import { LayoutIndex } from '../disk/layout-index.js';
import type { StoredBlob, StoredTree, Verification, VerifyOptions } from './maintenance.js';
import type { Pruned, PruneOptions } from './pruning.js';
import { openStoreDirectory } from './store-directory.js';
import { UnpackedTrees } from './unpacked-trees.js';
import { UseMarks } from './use-marks.js';

/** Where content may come from: any target, or what is as good for this. */
export type ContentSource = Pick<Target, 'name' | 'fetch'> & Partial<UnverifiedSource>;

export interface StoreOptions extends TransferOptions {
  /** Called once when content has to be fetched, before the first byte. */
  onFetch?: ((descriptor: Descriptor, source: ContentSource) => void) | undefined;
}

/** `$BUNNY_CACHE`, `$XDG_CACHE_HOME/bunny` or `~/.cache/bunny` (XDG Base Directory Specification). */
export function defaultStoreDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.BUNNY_CACHE) return path.resolve(environment.BUNNY_CACHE);
  const cache = environment.XDG_CACHE_HOME;
  // The specification has relative paths ignored.
  if (cache && path.isAbsolute(cache)) return path.join(cache, 'bunny');
  return path.join(homeDirectory(), '.cache', 'bunny');
}

/**
 * The content-addressed store that all projects of a user share: an image layout, whose blobs are
 * fetched once, and beside it the trees that layers unpack to. Any number of processes may use it at
 * once, and be killed: nothing is seen under its name before all of it is there and verified.
 */
export class Store {
  readonly directory: string;
  readonly #blobs: BlobDirectory;
  readonly #trees: UnpackedTrees;
  readonly #uses: UseMarks;
  readonly #derived = new OnceMap<string, unknown>();
  /** Transfers under way in this process, so that nothing is fetched twice at once. */
  readonly #arriving = new OnceMap<string, string>();

  /** `Store.open` also makes the layout. */
  constructor(directory: string) {
    this.directory = directory;
    this.#blobs = new BlobDirectory(directory);
    this.#trees = new UnpackedTrees(path.join(directory, 'unpacked'));
    this.#uses = new UseMarks(path.join(directory, 'uses'));
  }

  /**
   * Opens the store in `directory` (default: `defaultStoreDirectory()`), which is made where it is missing, for this
   * user alone. Throws BUNNY_EACCESS where somebody else may write to it.
   */
  static async open(directory: string = defaultStoreDirectory()): Promise<Store> {
    await openStoreDirectory(directory);
    await new LayoutIndex(directory).initialise();
    return new Store(directory);
  }

  /** Where a blob is, or would be. */
  path(digest: string): string {
    return this.#blobs.path(digest);
  }

  /** Whether a blob of this digest and size is there. One stat; the content is verified when it is read. */
  has(descriptor: Descriptor): Promise<boolean> {
    return this.#blobs.has(descriptor);
  }

  /** The content, verified. Throws BUNNY_ENOTFOUND, BUNNY_EDIGEST, BUNNY_ESIZE. */
  async read(descriptor: Descriptor): Promise<Uint8Array> {
    return inlineData(descriptor) ?? (await this.#blobs.read(descriptor));
  }

  /** Stores bytes that were made here. */
  async put(mediaType: string, bytes: Uint8Array, extra?: Partial<Descriptor>): Promise<Descriptor> {
    const descriptor = describe(mediaType, bytes, extra);
    if (!(await this.#blobs.has(descriptor))) await this.#blobs.write(descriptor, bytes);
    return descriptor;
  }

  /**
   * The path of a blob, fetched where it is missing or has another size: the sources are tried in
   * order. Throws BUNNY_EOFFLINE where there are none, BUNNY_ENOSPACE, BUNNY_EABORTED, and what the
   * sources throw. The content is not read again where it is present: `read` and `unpacked` verify.
   */
  async ensure(
    descriptor: Descriptor,
    sources: readonly ContentSource[],
    options: StoreOptions = {},
  ): Promise<string> {
    this.#uses.mark([descriptor.digest]);
    if (await this.#blobs.use(descriptor)) return this.#blobs.path(descriptor.digest);
    const arriving = this.#arriving.peek(descriptor.digest);
    if (arriving === undefined) {
      return await this.#arriving.share(descriptor.digest, () => this.#fetch(descriptor, sources, options));
    }
    try {
      return await arriving;
    } catch (error) {
      // Who asked first gave up; that is not for the others to suffer.
      if (codeOf(error) !== 'BUNNY_EABORTED') throw error;
      throwIfAborted(options.signal);
      return await this.ensure(descriptor, sources, options);
    }
  }

  /**
   * The verified content: from the store, else fetched, into the store where that may be written to. A blob that is
   * corrupt is removed and fetched again.
   */
  async load(
    descriptor: Descriptor,
    sources: readonly ContentSource[],
    options: StoreOptions = {},
  ): Promise<Uint8Array> {
    const inline = inlineData(descriptor);
    if (inline !== undefined) return inline;
    try {
      await this.ensure(descriptor, sources, options);
    } catch (error) {
      const [source] = sources;
      if (codeOf(error) !== 'BUNNY_EACCESS' || source === undefined) throw error;
      return await readBytes(source, descriptor, undefined, options);
    }
    return await this.#repairing(descriptor, sources, options, () => this.#blobs.read(descriptor));
  }

  /**
   * The directory that a layer unpacks to: made once, read-only, complete, for all projects. Nothing
   * but one stat where it exists. Absolute symlinks are refused: see `unpackedImage` for root
   * filesystems. Throws as `ensure` and `unpackArchive`.
   */
  async unpacked(
    layer: Descriptor,
    sources: readonly ContentSource[],
    options: StoreOptions = {},
  ): Promise<string> {
    return await this.#unpack([layer], sources, options, false);
  }

  /** As `unpacked`, for the layers of a root filesystem, applied in order with their whiteouts. */
  async unpackedImage(
    layers: readonly Descriptor[],
    sources: readonly ContentSource[],
    options: StoreOptions = {},
  ): Promise<string> {
    return await this.#unpack(layers, sources, options, true);
  }

  /**
   * What is made of content and nothing else, as a document that is read from it: made once for all who ask this store
   * for the same of one content. Throws what `make` throws, which is not kept.
   */
  async derived<Value>(what: string, content: Descriptor, make: () => Promise<Value>): Promise<Value> {
    let isOwn = false;
    try {
      return (await this.#derived.get(`${what} ${content.digest} ${content.size}`, () => {
        isOwn = true;
        return make();
      })) as Value;
    } catch (error) {
      // Who asked first may have had no source.
      if (isOwn) throw error;
      return await this.derived(what, content, make);
    }
  }

  /** All blobs, sorted by digest. */
  async list(): Promise<StoredBlob[]> {
    const { listBlobs } = await maintenance();
    return await listBlobs(this.#blobs, this.#trees);
  }

  /** All unpacked trees with their sizes, sorted by name. */
  async trees(): Promise<StoredTree[]> {
    const { listTrees } = await maintenance();
    return await listTrees(this.#trees);
  }

  /**
   * Reads every blob, and compares every unpacked tree with its layers; removes what is damaged. Throws BUNNY_ENOSPACE
   * where there is no room for a second copy of the largest tree.
   */
  async verify(options?: VerifyOptions): Promise<Verification> {
    const { verifyStore } = await maintenance();
    return await verifyStore(this.#blobs, this.#trees, options);
  }

  /** Removes blobs and trees that are not kept, by age, size, or altogether, and that no other process is using. */
  async prune(options?: PruneOptions): Promise<Pruned> {
    const { pruneStore } = await import('./pruning.js');
    return await pruneStore(this.#blobs, this.#trees, this.#uses, options);
  }

  async #unpack(
    layers: readonly Descriptor[],
    sources: readonly ContentSource[],
    options: StoreOptions,
    rootfs: boolean,
  ): Promise<string> {
    this.#uses.mark(layers.map(({ digest }) => digest));
    return await this.#trees.ensure(layers, rootfs, async (build) => {
      await Promise.all(layers.map((layer) => this.ensure(layer, sources, options)));
      const transfer = { signal: options.signal };
      const open = (layer: Descriptor): AsyncIterable<Uint8Array> => this.#blobs.stream(layer, transfer);
      try {
        await build(open, transfer);
      } catch (error) {
        throwIfAborted(options.signal);
        // Damage may show as a bad archive before the digest is known: judge the blobs themselves.
        if (!(await this.#removeCorrupt(layers)) || sources.length === 0) throw error;
        await Promise.all(layers.map((layer) => this.ensure(layer, sources, options)));
        await build(open, transfer);
      }
    });
  }

  async #fetch(
    descriptor: Descriptor,
    sources: readonly ContentSource[],
    options: StoreOptions,
  ): Promise<string> {
    const inline = inlineData(descriptor);
    if (inline !== undefined) return await this.#blobs.write(descriptor, inline);
    const failures: OciError[] = [];
    for (const [index, source] of sources.entries()) {
      throwIfAborted(options.signal);
      options.onFetch?.(descriptor, source);
      try {
        const isLast = index === sources.length - 1;
        const content = contentToVerify(
          source,
          descriptor,
          isLast ? options : { ...options, connectOnce: true },
        );
        const where = `${source.name}@${descriptor.digest}`;
        return await this.#blobs.write(descriptor, content, { where, signal: options.signal });
      } catch (error) {
        if (!(error instanceof OciError) || endsTheSearch(error)) throw error;
        if (error.code === 'BUNNY_EDIGEST' || error.code === 'BUNNY_ESIZE') source.refuted?.(error);
        failures.push(error);
      }
    }
    throw this.#unavailable(descriptor, sources, failures);
  }

  #unavailable(
    descriptor: Descriptor,
    sources: readonly ContentSource[],
    failures: readonly OciError[],
  ): OciError {
    const last = failures.at(-1);
    if (last === undefined) {
      return new OciError('BUNNY_EOFFLINE', 'content is not in the store, and nothing may be fetched', {
        where: descriptor.digest,
        hint: 'fetch it while sources may be asked, or fill the store from a mirror',
        remedy: 'online',
      });
    }
    if (failures.length === 1) return last;
    return new OciError(last.code, `none of ${failures.length} sources could deliver the content`, {
      where: descriptor.digest,
      details: failures.map((each, i) => `${sources[i]?.name}: ${each.message}`),
      hint: last.hint,
      login: last.login,
      remedy: last.remedy,
      cause: last,
    });
  }

  async #repairing<T>(
    descriptor: Descriptor,
    sources: readonly ContentSource[],
    options: StoreOptions,
    read: () => Promise<T>,
  ): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'BUNNY_EDIGEST' && code !== 'BUNNY_ESIZE') throw error;
      await this.#blobs.remove(descriptor.digest);
      await this.ensure(descriptor, sources, options);
      return await read();
    }
  }

  /** Removes those of the blobs whose content is not theirs; returns whether there was one. */
  async #removeCorrupt(descriptors: readonly Descriptor[]): Promise<boolean> {
    const { isSound } = await maintenance();
    let found = false;
    for (const descriptor of descriptors) {
      if (await isSound(this.#blobs, descriptor)) continue;
      await this.#blobs.remove(descriptor.digest);
      found = true;
    }
    return found;
  }
}

/** What few commands need is loaded by these. */
function maintenance() {
  return import('./maintenance.js');
}

/** Failures that another source cannot heal. */
function endsTheSearch(error: OciError): boolean {
  return ['BUNNY_EABORTED', 'BUNNY_ENOSPACE', 'BUNNY_EACCESS', 'BUNNY_EIO'].includes(error.code);
}
