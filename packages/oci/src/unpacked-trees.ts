import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { Unpacker } from './archive-unpack.js';
import type { Descriptor } from './descriptor.js';
import { parseDigest } from './digest.js';
import { codeOf, fileError, isNotFound } from './errors.js';
import { removeTree } from './remove-tree.js';

/** Unpacks the layers, opened by `open`, into a fresh directory; may be called again after a failure. */
export type BuildTree = (
  open: (layer: Descriptor) => AsyncIterable<Uint8Array>,
  options: { signal?: AbortSignal },
) => Promise<void>;

const temporaryPrefix = '.unpacking-';

/**
 * Directories that layers were unpacked to: `layer/<hex>` for one layer, `image/<hex>` for a root
 * filesystem of several. A tree is built beside its name and renamed, so it is complete or absent.
 */
export class UnpackedTrees {
  readonly #root: string;
  readonly #building = new Map<string, Promise<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  path(layers: readonly Descriptor[], rootfs: boolean): string {
    if (!rootfs && layers[0] !== undefined) {
      const { algorithm, hex } = parseDigest(layers[0].digest);
      return path.join(this.#root, 'layer', algorithm === 'sha256' ? hex : `${algorithm}-${hex}`);
    }
    const key = createHash('sha256');
    for (const layer of layers) key.update(`${layer.digest}\n`);
    return path.join(this.#root, 'image', key.digest('hex'));
  }

  /** The tree of these layers; `fill` is called where it has to be built. */
  async ensure(
    layers: readonly Descriptor[],
    rootfs: boolean,
    fill: (build: BuildTree) => Promise<void>,
  ): Promise<string> {
    const target = this.path(layers, rootfs);
    if (await isDirectory(target)) return target;
    const building = this.#building.get(target) ?? this.#start(target, layers, rootfs, fill);
    return await building;
  }

  /** Names (`layer/<hex>`, `image/<hex>`) and paths of the trees, and of what killed builders left. */
  async list(): Promise<{ name: string; path: string; complete: boolean; used: Date }[]> {
    const found = [];
    for (const kind of ['image', 'layer']) {
      const directory = path.join(this.#root, kind);
      for (const name of (await readdir(directory).catch(() => [])).sort()) {
        const tree = path.join(directory, name);
        const status = await stat(tree).catch(() => undefined);
        if (status === undefined) continue;
        found.push({
          name: `${kind}/${name}`,
          path: tree,
          complete: !name.startsWith(temporaryPrefix),
          used: status.mtime,
        });
      }
    }
    return found;
  }

  async #start(
    target: string,
    layers: readonly Descriptor[],
    rootfs: boolean,
    fill: (build: BuildTree) => Promise<void>,
  ): Promise<string> {
    const building = this.#build(target, layers, rootfs, fill);
    this.#building.set(target, building);
    try {
      return await building;
    } finally {
      this.#building.delete(target);
    }
  }

  async #build(
    target: string,
    layers: readonly Descriptor[],
    rootfs: boolean,
    fill: (build: BuildTree) => Promise<void>,
  ): Promise<string> {
    const name = `${temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`;
    const temporary = path.join(path.dirname(target), name);
    try {
      await mkdir(path.dirname(target), { recursive: true });
      await fill(async (open, options) => {
        await removeTree(temporary);
        const unpacker = new Unpacker(temporary, { ...options, rootfs, readOnly: true });
        for (const layer of layers) await unpacker.layer(open(layer));
        unpacker.finish();
      });
      await rename(temporary, target);
    } catch (error) {
      await removeTree(temporary).catch(() => undefined);
      // Another process was quicker: its tree is the same.
      const taken = codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
      if (!taken) throw fileError(error, target);
    }
    return target;
  }
}

async function isDirectory(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    if (isNotFound(error)) return false;
    throw fileError(error, file);
  }
}
