import { createReadStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
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

/** How long one build waits for another that writes images of the same project. Milliseconds. */
const longestWait = 15 * 60_000;

/** Opens a repository of an image layout. */
export type OpenLayout = (layout: { kind: 'layout'; directory: string; path: string }) => Target;

/** Name of the directory of a project's OCI images, beside what else is built. */
const storeDirectory = 'images';

/** The OCI images that stand beside an image at this path. */
export function imageStoreBeside(image: string, open: OpenLayout): ImageStore {
  return new ImageStore(join(dirname(image), storeDirectory), open);
}

/**
 * The OCI images of a project: an image layout, beside what else is built. What two of them share is there once; what was
 * built before, and has no name any more, is removed.
 */
export class ImageStore {
  /** Absolute. */
  readonly directory: string;
  readonly #open: OpenLayout;

  constructor(directory: string, open: OpenLayout) {
    this.directory = directory;
    this.#open = open;
  }

  /** A repository of it. */
  repository(path: string): Target {
    return this.#open({ kind: 'layout', directory: this.directory, path });
  }

  /** Runs `action` while nobody else writes images here, then removes what none of them needs. */
  async hold<T>(action: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    makeDirectory(this.directory);
    const lock = new FileLock(join(this.directory, '.lock'), 'images');
    const options = { timeout: longestWait, signal };
    return await lock.hold(async () => {
      const result = await action();
      await pruneLayout(this.directory);
      return result;
    }, options);
  }

  /** The path of a blob. */
  blob(digest: string): string {
    const [algorithm = '', hex = ''] = digest.split(':');
    return join(this.directory, 'blobs', algorithm, hex);
  }

  /** Packs entries as a layer. Throws as `packEntries`. */
  async pushEntries(entries: readonly StreamedEntry[]): Promise<{ layer: Descriptor; diffId: string }> {
    // Nobody else is here: what a build left that was killed is overwritten.
    const place = join(this.directory, '.layer');
    const { digest, size, diffId } = await packEntries(entries, place);
    const layer: Descriptor = { mediaType: imageLayerGzipType, digest, size };
    await this.repository('').push(layer, () => createReadStream(place));
    await unlink(place);
    return { layer, diffId };
  }
}

/** The digest of a manifest among images, by the path of its blob. */
export function manifestDigest(blob: string | undefined): string | undefined {
  return blob === undefined ? undefined : `sha256:${basename(blob)}`;
}
