import { rm } from 'node:fs/promises';
import type { ContentIdentity } from '../content/descriptor.js';
import { tryParseDigest } from '../content/digest.js';
import { codeOf, fileError, OciError } from '../content/errors.js';
import type { BlobDirectory } from '../disk/blob-directory.js';
import { sizeOfTree } from '../disk/tree-size.js';
import type { UnpackedTrees } from './unpacked-trees.js';

/** What `Store.list` tells of one blob. */
export interface StoredBlob {
  digest: string;
  /** Bytes. */
  size: number;
  /** To the day. */
  used: Date;
  /** Whether a tree is unpacked from it. */
  unpacked: boolean;
}

export interface Verification {
  /** Blobs that were read. */
  checked: number;
  /** Bytes that were read. */
  bytes: number;
  /** Digests of blobs whose content is not theirs. */
  corrupt: string[];
  /** Trees that were compared with the layers that they were unpacked from. */
  trees: number;
  /**
   * Names of trees that are not what their layers unpack to, or of which that cannot be known any more, as a layer
   * is gone.
   */
  damaged: string[];
  /** Those of the corrupt and damaged that are still there, as the store may not be written to. */
  left: string[];
}

export interface VerifyOptions {
  signal?: AbortSignal | undefined;
  /** Called before a blob is read. */
  onBlob?: ((digest: string) => void) | undefined;
  /** Called before a tree is compared. */
  onTree?: ((name: string) => void) | undefined;
}

/** What `Store.trees` tells of one unpacked tree. */
export interface StoredTree {
  /** `layer/<hex>` or `image/<hex>`. */
  name: string;
  /** Digests of the layers in it. */
  layers: readonly string[];
  /** Bytes of its files. */
  size: number;
  /** To the day. */
  used: Date;
}

/** Blobs with what hangs on them, sorted by digest. */
export async function listBlobs(blobs: BlobDirectory, trees: UnpackedTrees): Promise<StoredBlob[]> {
  const unpacked = new Set((await trees.list()).flatMap((tree) => tree.layers));
  return (await blobs.list()).map(({ digest, size, used }) => ({
    digest,
    size,
    used,
    unpacked: unpacked.has(digest),
  }));
}

/** All complete trees with their sizes, sorted by name. */
export async function listTrees(trees: UnpackedTrees): Promise<StoredTree[]> {
  const found: StoredTree[] = [];
  for (const { name, path, layers, used, complete } of await trees.list()) {
    if (complete) found.push({ name, layers, size: await sizeOfTree(path), used });
  }
  return found;
}

/**
 * Reads every blob and compares every tree with the layers that it was unpacked from; removes what is damaged, where
 * it may. Trees are unpacked a second time for that, one after the other: there must be room for the largest.
 */
export async function verifyStore(
  blobs: BlobDirectory,
  trees: UnpackedTrees,
  options: VerifyOptions = {},
): Promise<Verification> {
  const result: Verification = { checked: 0, bytes: 0, corrupt: [], trees: 0, damaged: [], left: [] };
  const sound = new Map<string, number>();
  for (const file of await blobs.list()) {
    options.onBlob?.(file.digest);
    result.checked++;
    result.bytes += file.size;
    if (tryParseDigest(file.digest) !== undefined && (await isSound(blobs, file, options.signal))) {
      sound.set(file.digest, file.size);
      continue;
    }
    result.corrupt.push(file.digest);
    if (!(await isRemoved(file.path, () => rm(file.path, { force: true })))) result.left.push(file.digest);
  }
  for (const tree of await trees.list()) {
    if (!tree.complete) continue;
    options.onTree?.(tree.name);
    result.trees++;
    const transfer = { signal: options.signal };
    const open = (digest: string) => blobs.stream({ digest, size: sound.get(digest) ?? 0 }, transfer);
    const isKnown = tree.layers.length > 0 && tree.layers.every((layer) => sound.has(layer));
    if (isKnown && (await trees.isSound(tree, open, transfer))) continue;
    result.damaged.push(tree.name);
    if (!(await isRemoved(tree.path, () => trees.remove(tree)))) result.left.push(tree.name);
  }
  return result;
}

/** False where the store may only be read. */
async function isRemoved(place: string, remove: () => Promise<unknown>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    const failure = fileError(error, place);
    if (codeOf(failure) === 'BUNNY_EACCESS') return false;
    throw failure;
  }
}

/** Whether a blob has the content that its digest names. Throws BUNNY_EIO where it cannot be read. */
export async function isSound(
  blobs: BlobDirectory,
  content: ContentIdentity,
  signal?: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const options = { signal };
    for await (const _ of blobs.stream(content, options));
    return true;
  } catch (error) {
    const code = error instanceof OciError ? error.code : undefined;
    if (code === 'BUNNY_EDIGEST' || code === 'BUNNY_ESIZE' || code === 'BUNNY_ENOTFOUND') return false;
    throw error;
  }
}
