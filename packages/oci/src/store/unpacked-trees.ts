import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Descriptor } from '../content/descriptor.js';
import { parseDigest } from '../content/digest.js';
import { codeOf, fileError, isNotFound, OciError, relocated } from '../content/errors.js';
import { OnceMap } from '../content/once-map.js';
import { makeDirectory } from '../disk/make-directory.js';
import { makeTemporary } from '../disk/make-temporary.js';
import { removeTree } from '../disk/remove-tree.js';
import { isSameTree } from '../disk/same-tree.js';
import { markUsed } from '../disk/usage.js';

/** Unpacks the layers, opened by `open`, into a fresh directory; may be called again after a failure. */
export type BuildTree = (
  open: (layer: Descriptor) => AsyncIterable<Uint8Array>,
  options: { signal?: AbortSignal | undefined },
) => Promise<void>;

/** A directory that layers were unpacked to. */
export interface UnpackedTree {
  /** `layer/<hex>` or `image/<hex>`. */
  name: string;
  path: string;
  /** False for what a killed process has left. */
  complete: boolean;
  /** Digests of the layers in it. */
  layers: readonly string[];
  /** To the day. */
  used: Date;
}

const temporaryPrefix = '.unpacking-';

/**
 * Directories that layers were unpacked to: `layer/<hex>` for one layer, `image/<hex>` for a root
 * filesystem of several. A tree is built beside its name and renamed, so it is complete or absent.
 */
export class UnpackedTrees {
  readonly #root: string;
  readonly #building = new OnceMap<string, string>();

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
    if (await isThere(target)) return target;
    return await this.#building.share(target, () => this.#build(target, layers, rootfs, fill));
  }

  /** All trees, and what killed builders left, sorted by name. */
  async list(): Promise<UnpackedTree[]> {
    const found: UnpackedTree[] = [];
    for (const kind of ['image', 'layer']) {
      const directory = path.join(this.#root, kind);
      for (const name of (await readdir(directory).catch(() => [])).sort()) {
        const tree = path.join(directory, name);
        const status = await stat(tree).catch(() => undefined);
        if (!status?.isDirectory()) continue;
        const complete = !name.startsWith(temporaryPrefix);
        const layers = kind === 'image' ? await readLayers(tree) : [digestOfName(name)];
        found.push({ name: `${kind}/${name}`, path: tree, complete, layers, used: status.mtime });
      }
    }
    return found;
  }

  /**
   * Whether a complete tree is what its layers unpack to: they are unpacked once more, and compared. `open` gives the
   * content of a layer. Throws as `unpackArchive`.
   */
  async isSound(
    { name, path: tree, layers }: UnpackedTree,
    open: (digest: string) => AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<boolean> {
    const temporary = await directoryFor(tree);
    try {
      const contents = layers.map((digest) => ({ digest, content: open(digest) }));
      await unpackTo(temporary, contents, { ...options, rootfs: name.startsWith('image/') });
      return await isSameTree(tree, temporary);
    } catch (error) {
      throw fileError(error, tree);
    } finally {
      await removeTree(temporary);
    }
  }

  /**
   * Removes a tree: from its name at once, so that whoever is killed here leaves no part of it there. It comes back where
   * somebody wants it who may have seen it there; false then.
   */
  async remove(tree: UnpackedTree, isWanted = async (): Promise<boolean> => false): Promise<boolean> {
    const temporary = path.join(path.dirname(tree.path), temporaryName());
    try {
      await rename(tree.path, temporary);
    } catch (error) {
      if (isNotFound(error)) return true;
      throw fileError(error, tree.path);
    }
    if ((await isWanted()) && (await isDone(rename(temporary, tree.path)))) return false;
    await rm(layersFile(tree.path), { force: true });
    await removeTree(temporary);
    return true;
  }

  async #build(
    target: string,
    layers: readonly Descriptor[],
    rootfs: boolean,
    fill: (build: BuildTree) => Promise<void>,
  ): Promise<string> {
    const temporary = path.join(path.dirname(target), temporaryName());
    try {
      makeDirectory(path.dirname(target));
      await fill(async (open, options) => {
        await removeTree(temporary);
        const contents = layers.map((layer) => ({ digest: layer.digest, content: open(layer) }));
        await unpackTo(temporary, contents, { ...options, rootfs });
      });
      if (rootfs) await writeFile(layersFile(target), layers.map((layer) => `${layer.digest}\n`).join(''));
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

/** An empty directory beside a tree or, where that may only be read, among the temporary files of this machine. */
async function directoryFor(tree: string): Promise<string> {
  const beside = path.join(path.dirname(tree), temporaryName());
  try {
    makeDirectory(beside);
    return beside;
  } catch (error) {
    const failure = fileError(error, beside);
    if (codeOf(failure) !== 'BUNNY_EACCESS') throw failure;
    return await makeTemporary('bunny-verify-');
  }
}

function temporaryName(): string {
  return `${temporaryPrefix}${process.pid}-${randomBytes(6).toString('hex')}`;
}

async function unpackTo(
  directory: string,
  layers: readonly { digest: string; content: AsyncIterable<Uint8Array> }[],
  options: { signal?: AbortSignal | undefined; rootfs: boolean },
): Promise<void> {
  const { Unpacker } = await import('../archive/unpack.js');
  const unpacker = new Unpacker(directory, { ...options, readOnly: true });
  let current = '';
  try {
    for (const { digest, content } of layers) {
      current = digest;
      await unpacker.layer(content);
    }
    unpacker.finish();
    // As its own directories, whatever the umask: the sandbox of root is another user.
    chmodSync(directory, 0o755);
  } catch (error) {
    throw isOfArchive(error) ? relocated(error, `${current}: ${error.where}`) : error;
  }
}

/** Failures whose place is within an archive. */
function isOfArchive(error: unknown): error is OciError {
  const codes = ['BUNNY_EARCHIVE', 'BUNNY_ELIMIT', 'BUNNY_EUNSUPPORTED'];
  return error instanceof OciError && codes.includes(error.code);
}

/** Stands beside the tree of an image, whose name tells nothing of its layers. */
function layersFile(tree: string): string {
  return `${tree}.layers`;
}

async function readLayers(tree: string): Promise<string[]> {
  const text = await readFile(layersFile(tree), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

function digestOfName(name: string): string {
  return name.startsWith('sha512-') ? name.replace('-', ':') : `sha256:${name}`;
}

/** Whether a tree is complete, and with it in use: one stat. */
async function isThere(tree: string): Promise<boolean> {
  try {
    const status = statSync(tree, { throwIfNoEntry: false });
    if (!status?.isDirectory()) return false;
    await markUsed(tree, status.mtimeMs);
    return true;
  } catch (error) {
    throw fileError(error, tree);
  }
}

async function isDone(action: Promise<void>): Promise<boolean> {
  return action.then(
    () => true,
    () => false,
  );
}
