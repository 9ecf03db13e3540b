import { createReadStream, lstatSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  type Descriptor,
  FileLock,
  imageLayerGzipType,
  makeDirectory,
  packEntries,
  pruneLayout,
  type StreamedEntry,
  type Target,
} from 'bunny-libos-oci';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** How long one build waits for another that writes images of the same project. Milliseconds. */
const longestWait = 15 * 60_000;

/** Opens a repository of an image layout. */
export type OpenLayout = (layout: { kind: 'layout'; directory: string; path: string }) => Target;

/** Name of the directory of a project's OCI images, beside what else is built. */
const storeDirectory = 'images';

/** Where a layer is packed. */
const layerName = '.layer';

/** What is written to in an image layout. */
const parts = ['blobs', 'blobs/sha256', 'ingest', '.lock', 'index.json', 'oci-layout', layerName];

/** How images of a project are written. */
export interface ImageStoreOptions {
  open: OpenLayout;
  signal?: AbortSignal | undefined;
  /** The command line names their place, which may lead over links then. */
  isNamed?: boolean | undefined;
}

/** Where OCI images go that are built with another at this path: undefined where nobody says how. */
export function imagesFor(
  image: string,
  request: {
    openLayout?: OpenLayout | undefined;
    output?: string | undefined;
    signal?: AbortSignal | undefined;
  },
): ImageStore | undefined {
  const { openLayout: open, output, signal } = request;
  return open === undefined
    ? undefined
    : imageStoreBeside(image, { open, signal, isNamed: output !== undefined });
}

/** The OCI images that stand beside an image at this path. */
export function imageStoreBeside(image: string, options: ImageStoreOptions): ImageStore {
  return new ImageStore(join(dirname(image), storeDirectory), options);
}

/**
 * The OCI images of a project: an image layout, beside what else is built. What two of them share is there once; what was
 * built before, and has no name any more, is removed. No link of a project leads to where that is done.
 */
export class ImageStore {
  /** Absolute. */
  readonly directory: string;
  readonly #options: ImageStoreOptions;

  constructor(directory: string, options: ImageStoreOptions) {
    this.directory = directory;
    this.#options = options;
  }

  /** A repository of it. Throws BUNNY_EPATH where a link leads elsewhere. */
  repository(path: string): Target {
    this.refuseLinks();
    return this.#options.open({ kind: 'layout', directory: this.directory, path });
  }

  /** Runs `action` while nobody else writes images here, then removes what none of them needs. Throws BUNNY_EPATH. */
  async hold<T>(action: () => Promise<T>): Promise<T> {
    this.refuseLinks();
    makeDirectory(this.directory);
    const lock = new FileLock(join(this.directory, '.lock'), 'images');
    const held = async () => {
      // What a build has left that was killed.
      for (const name of await readdir(this.directory)) {
        if (name.startsWith(layerName)) await unlink(join(this.directory, name));
      }
      const result = await action();
      await pruneLayout(this.directory);
      return result;
    };
    return await lock.hold(held, { timeout: longestWait, signal: this.#options.signal });
  }

  /** The path of a blob. */
  blob(digest: string): string {
    const [algorithm = '', hex = ''] = digest.split(':');
    return join(this.directory, 'blobs', algorithm, hex);
  }

  /** Packs entries as a layer. Throws as `packEntries`. */
  async pushEntries(entries: readonly StreamedEntry[]): Promise<{ layer: Descriptor; diffId: string }> {
    const place = join(this.directory, layerName);
    const { signal } = this.#options;
    const { digest, size, diffId } = await packEntries(entries, place, { signal });
    const layer: Descriptor = { mediaType: imageLayerGzipType, digest, size };
    await this.repository('').push(layer, () => createReadStream(place), { signal });
    await unlink(place);
    return { layer, diffId };
  }

  /** Throws BUNNY_EPATH where a link leads to where images are kept. */
  refuseLinks(): void {
    const { directory } = this;
    const above = this.#options.isNamed === true ? [] : [dirname(directory), directory];
    for (const path of [...above, ...parts.map((part) => join(directory, part))]) {
      if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
      throw new BunnyError('BUNNY_EPATH', 'this is a link, which may lead anywhere: no image is kept there', {
        where: path,
        hint: 'remove the link: bunny build --type oci makes a new directory',
        exitStatus: exitStatus.usage,
      });
    }
  }
}

/** The digest of a manifest among images, by the path of its blob. */
export function manifestDigest(blob: string | undefined): string | undefined {
  return blob === undefined ? undefined : `sha256:${basename(blob)}`;
}
