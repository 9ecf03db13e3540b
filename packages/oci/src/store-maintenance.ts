import { rm } from 'node:fs/promises';
import type { BlobDirectory, BlobFile } from './blob-directory.js';
import { tryParseDigest } from './digest.js';
import { OciError } from './errors.js';
import type { UnpackedTree, UnpackedTrees } from './unpacked-trees.js';

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
  /** Digests of blobs whose content is not theirs; they have been removed. */
  corrupt: string[];
  /** Trees that were compared with the layers that they were unpacked from. */
  trees: number;
  /**
   * Names of trees that are not what their layers unpack to, or of which that cannot be known any more, as a layer
   * is gone; they have been removed.
   */
  damaged: string[];
}

export interface VerifyOptions {
  signal?: AbortSignal;
  /** Called before a blob is read. */
  onBlob?: (digest: string) => void;
  /** Called before a tree is compared. */
  onTree?: (name: string) => void;
}

export interface PruneOptions {
  /** Digests (of manifests, configs, layers) that stay whatever else is said. */
  keep?: ReadonlySet<string>;
  /** Removes only what has not been used for this long. Milliseconds. */
  olderThan?: number;
  /** Removes, longest unused first, until this is left. Bytes. */
  toSize?: number;
  /** Only says what would go. */
  dryRun?: boolean;
  /** Milliseconds since 1970; the clock unless said. */
  now?: number;
}

export interface Pruned {
  /** Digests of blobs that went. */
  removed: string[];
  /** Names of unpacked trees that went with them. */
  trees: string[];
  /** Bytes of blobs that went; trees are not counted. */
  freed: number;
  /** Bytes of blobs that stay. */
  left: number;
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

/**
 * Reads every blob and compares every tree with the layers that it was unpacked from; removes what is damaged. Trees
 * are unpacked a second time for that, one after the other: there must be room for the largest.
 */
export async function verifyBlobs(
  blobs: BlobDirectory,
  trees: UnpackedTrees,
  options: VerifyOptions = {},
): Promise<Verification> {
  const result: Verification = { checked: 0, bytes: 0, corrupt: [], trees: 0, damaged: [] };
  const sound = new Map<string, number>();
  for (const file of await blobs.list()) {
    options.onBlob?.(file.digest);
    result.checked++;
    result.bytes += file.size;
    if (
      tryParseDigest(file.digest) !== undefined &&
      (await isSound(blobs, file.digest, file.size, options.signal))
    ) {
      sound.set(file.digest, file.size);
      continue;
    }
    result.corrupt.push(file.digest);
    await rm(file.path, { force: true });
  }
  for (const tree of await trees.list()) {
    if (!tree.complete) continue;
    options.onTree?.(tree.name);
    result.trees++;
    const transfer = options.signal === undefined ? {} : { signal: options.signal };
    const open = (digest: string) =>
      blobs.stream({ mediaType: '', digest, size: sound.get(digest) ?? 0 }, transfer);
    const isKnown = tree.layers.length > 0 && tree.layers.every((layer) => sound.has(layer));
    if (isKnown && (await trees.isSound(tree, open, transfer))) continue;
    result.damaged.push(tree.name);
    await trees.remove(tree);
  }
  return result;
}

/** Whether a blob has the content that its digest names. Throws BUNNY_EIO where it cannot be read. */
export async function isSound(
  blobs: BlobDirectory,
  digest: string,
  size: number,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const options = signal === undefined ? {} : { signal };
    for await (const _ of blobs.stream({ mediaType: '', digest, size }, options));
    return true;
  } catch (error) {
    const code = error instanceof OciError ? error.code : undefined;
    if (code === 'BUNNY_EDIGEST' || code === 'BUNNY_ESIZE' || code === 'BUNNY_ENOTFOUND') return false;
    throw error;
  }
}

/** A tree that is being built is not touched for this long. Milliseconds. */
const abandonedAfter = 60 * 60 * 1000;

/**
 * Removes blobs, and the trees unpacked from them, that are not kept: those that are old enough, and
 * of those the longest unused first until the rest is small enough. Also what killed processes left.
 * A blob that goes while another process wants it is fetched again by that process.
 */
export async function pruneBlobs(
  blobs: BlobDirectory,
  trees: UnpackedTrees,
  options: PruneOptions = {},
): Promise<Pruned> {
  const now = options.now ?? Date.now();
  const files = await blobs.list();
  const all = await trees.list();
  const lastUse = usesOf(files, all);
  files.sort(
    (a, b) => (lastUse.get(a.digest) ?? 0) - (lastUse.get(b.digest) ?? 0) || (a.digest < b.digest ? -1 : 1),
  );
  const result: Pruned = {
    removed: [],
    trees: [],
    freed: 0,
    left: files.reduce((sum, { size }) => sum + size, 0),
  };
  for (const file of files) {
    if (options.keep?.has(file.digest)) continue;
    if (options.olderThan !== undefined && now - (lastUse.get(file.digest) ?? 0) < options.olderThan)
      continue;
    if (options.toSize !== undefined && result.left <= options.toSize) break;
    result.removed.push(file.digest);
    result.freed += file.size;
    result.left -= file.size;
    if (!options.dryRun) await rm(file.path, { force: true });
  }
  const gone = new Set(result.removed);
  const held = new Set(files.map((file) => file.digest).filter((digest) => !gone.has(digest)));
  for (const tree of all) {
    const abandoned = !tree.complete && now - tree.used.getTime() > abandonedAfter;
    // A tree whose layers are gone cannot be judged by their age any more.
    const orphan = tree.complete && !tree.layers.some((layer) => held.has(layer) || options.keep?.has(layer));
    if (!abandoned && !orphan) continue;
    result.trees.push(tree.name);
    if (!options.dryRun) await trees.remove(tree);
  }
  if (!options.dryRun) result.freed += await blobs.sweep(now);
  return result;
}

/** When each blob was last used, by itself or as part of a tree. Milliseconds since 1970. */
function usesOf(files: readonly BlobFile[], trees: readonly UnpackedTree[]): Map<string, number> {
  const uses = new Map(files.map((file) => [file.digest, file.used.getTime()]));
  for (const tree of trees) {
    for (const layer of tree.layers) uses.set(layer, Math.max(uses.get(layer) ?? 0, tree.used.getTime()));
  }
  return uses;
}
