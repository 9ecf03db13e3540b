import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, imageLayerGzipType, type PackedArchive, removeTree } from 'bunny-libos-oci';
import { canonicalJson, sha256 } from 'bunny-libos-spec';
import type { RootfsLayer } from '../tooling/rootfs-layer.js';

/** Layers of root filesystems that were made or packed here, each under the digest of what it was made from. */
export class RootfsCache {
  readonly #directory: string;

  /** `store`: directory shared by all projects and processes of a user. */
  constructor(store: string) {
    this.#directory = join(store, 'rootfs');
  }

  /** The layer under `key`, where it is kept. */
  async find(key: string): Promise<RootfsLayer | undefined> {
    const entry = this.#entry(key);
    const text = await readFile(join(entry, 'layer.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { digest, size, diffId } = JSON.parse(text) as PackedArchive;
    return {
      descriptor: { mediaType: imageLayerGzipType, digest, size },
      diffId,
      content: () => createReadStream(join(entry, 'layer.tar.gz')),
    };
  }

  /**
   * Keeps what `pack` makes under `key`: it is given a place for a tree, and one for the archive. Nothing is kept where it
   * gives undefined, and what is half made is never found.
   */
  async make(
    key: string,
    pack: (directory: string, archive: string) => Promise<PackedArchive | undefined>,
  ): Promise<RootfsLayer | undefined> {
    const temporary = await this.#temporary();
    try {
      const packed = await pack(join(temporary, 'tree'), join(temporary, 'layer.tar.gz'));
      if (packed === undefined) return undefined;
      await removeTree(join(temporary, 'tree'));
      await writeFile(join(temporary, 'layer.json'), canonicalJson(packed));
      await this.#commit(temporary, key);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return await this.find(key);
  }

  /** What was noted last under `key`; undefined where nothing was, or another `stamp`. */
  async noted(key: string, stamp: string): Promise<string | undefined> {
    const text = await readFile(join(this.#entry(key), 'note.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const note = JSON.parse(text) as { stamp: string; value: string };
    return note.stamp === stamp ? note.value : undefined;
  }

  /** Notes a value in place of what was noted under `key`. */
  async note(key: string, stamp: string, value: string): Promise<void> {
    const entry = this.#entry(key);
    await mkdir(entry, { recursive: true });
    const temporary = join(entry, `.note-${randomBytes(6).toString('hex')}`);
    try {
      await writeFile(temporary, canonicalJson({ stamp, value }));
      await rename(temporary, join(entry, 'note.json'));
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #temporary(): Promise<string> {
    const path = join(this.#directory, `.making-${process.pid}-${randomBytes(6).toString('hex')}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  async #commit(temporary: string, key: string): Promise<void> {
    await rename(temporary, this.#entry(key)).catch((error: unknown) => {
      // Another process was quicker, with the same content.
      if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
    });
  }

  #entry(key: string): string {
    return join(this.#directory, key.replace(':', '-'));
  }
}

/** The key of what is made from these inputs. */
export function rootfsKey(inputs: unknown): string {
  return sha256(canonicalJson(inputs));
}
