import { rm } from 'node:fs/promises';
import { fileError } from '../content/errors.js';
import type { BlobDirectory, BlobFile } from '../disk/blob-directory.js';
import { sizeOfTree } from '../disk/tree-size.js';
import type { UnpackedTree, UnpackedTrees } from './unpacked-trees.js';
import type { UseMarks } from './use-marks.js';

export interface PruneOptions {
  /** Digests (of manifests, configs, layers) that stay whatever else is said, with what is unpacked from them. */
  keep?: ReadonlySet<string> | undefined;
  /** Removes only what has not been used for this long. Milliseconds. */
  olderThan?: number | undefined;
  /** Removes, longest unused first, until this is left of blobs, trees and what is beside them. Bytes. */
  toSize?: number | undefined;
  /** What else stands in the store's directory, and goes by the same rules. */
  beside?: readonly Evictable[] | undefined;
  /** Only says what would go. */
  dryRun?: boolean | undefined;
  /** Milliseconds since 1970; the clock unless said. */
  now?: number | undefined;
}

/** Something that can be made again. */
export interface Evictable {
  name: string;
  /** Bytes. */
  size: number;
  used: Date;
  /** Goes whatever is said: nobody will ever want it again. */
  useless?: boolean | undefined;
  /** Returns false where it has to stay, as somebody works with it. */
  remove(): Promise<boolean>;
}

export interface Pruned {
  /** Digests of blobs that went. */
  removed: string[];
  /** Names of unpacked trees that went. */
  trees: string[];
  /** Names of those that went of what is beside. */
  beside: string[];
  /** Digests and names of what would have gone, and stays as another process is using it. */
  inUse: string[];
  /** Bytes that went. */
  freed: number;
  /** Bytes of blobs, trees, and what is beside them, that stay. */
  left: number;
}

interface Item {
  list: 'trees' | 'beside' | 'removed';
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970. */
  used: number;
  /** Digests that it stays with where they are kept. */
  partOf: readonly string[];
  /** Goes whatever is said. */
  useless: boolean;
  remove(isWanted: () => Promise<boolean>): Promise<boolean>;
}

/** A tree that is being built is not touched for this long. Milliseconds. */
const abandonedAfter = 60 * 60 * 1000;

/** What is made again on this machine goes before what has to be fetched. */
const ranks = { trees: 0, beside: 1, removed: 2 } as const;

/** Times of use are kept to the day. */
function dayOf({ used }: Item): number {
  return Math.floor(used / (24 * 60 * 60 * 1000));
}

/**
 * Removes what is not kept: what is old enough, and of that the longest unused first until the rest is small
 * enough; of one day, trees before the blobs that they can be made from again. Also what killed processes
 * left. What another process is using stays.
 */
export async function pruneStore(
  blobs: BlobDirectory,
  trees: UnpackedTrees,
  uses: UseMarks,
  options: PruneOptions = {},
): Promise<Pruned> {
  const { keep, olderThan, toSize, dryRun, now = Date.now() } = options;
  const files = await blobs.list();
  const all = await trees.list();
  const items = [
    ...(await treeItems(trees, all, new Set([...files.map(({ digest }) => digest), ...(keep ?? [])]), now)),
    ...(options.beside ?? []).map(besideItem),
    ...blobItems(files, all),
  ].sort(
    (a, b) =>
      Number(b.useless) - Number(a.useless) ||
      dayOf(a) - dayOf(b) ||
      ranks[a.list] - ranks[b.list] ||
      a.used - b.used,
  );
  const left = items.reduce((sum, { size }) => sum + size, 0);
  const result: Pruned = { removed: [], trees: [], beside: [], inUse: [], freed: 0, left };
  for (const item of items) {
    if (!item.useless) {
      if (item.partOf.some((digest) => keep?.has(digest))) continue;
      if (olderThan !== undefined && now - item.used < olderThan) continue;
      if (toSize !== undefined && result.left <= toSize) break;
    }
    if ((await isInUse(item, uses)) || (!dryRun && !(await item.remove(() => isInUse(item, uses))))) {
      if (item.partOf.length > 0) result.inUse.push(item.name);
      continue;
    }
    result[item.list].push(item.name);
    result.freed += item.size;
    result.left -= item.size;
  }
  if (!dryRun) result.freed += await blobs.sweep(now);
  return result;
}

/** Asked for each item: whoever begins to use it meanwhile says so first. */
async function isInUse({ partOf }: Item, uses: UseMarks): Promise<boolean> {
  if (partOf.length === 0) return false;
  const used = await uses.ofOthers();
  return partOf.some((digest) => used.has(digest));
}

/** `known` are the digests of layers that are there, or to be kept. */
async function treeItems(
  trees: UnpackedTrees,
  all: readonly UnpackedTree[],
  known: ReadonlySet<string>,
  now: number,
): Promise<Item[]> {
  const items: Item[] = [];
  for (const tree of all) {
    const isAbandoned = !tree.complete && now - tree.used.getTime() > abandonedAfter;
    if (!tree.complete && !isAbandoned) continue;
    items.push({
      list: 'trees',
      name: tree.name,
      size: await sizeOfTree(tree.path),
      used: tree.used.getTime(),
      partOf: tree.layers,
      // Nobody can tell any more whether a tree is sound whose layers are gone.
      useless: isAbandoned || !tree.layers.some((layer) => known.has(layer)),
      remove: (isWanted) => trees.remove(tree, isWanted),
    });
  }
  return items;
}

function besideItem(each: Evictable): Item {
  const { name, size, used, useless = false } = each;
  return {
    list: 'beside',
    name,
    size,
    used: used.getTime(),
    partOf: [],
    useless,
    remove: () => each.remove(),
  };
}

/** A blob is used when a tree that was unpacked from it is. */
function blobItems(files: readonly BlobFile[], trees: readonly UnpackedTree[]): Item[] {
  const uses = new Map<string, number>();
  for (const { layers, used } of trees) {
    for (const layer of layers) uses.set(layer, Math.max(uses.get(layer) ?? 0, used.getTime()));
  }
  return files.map(({ digest, size, used, path }) => ({
    list: 'removed',
    name: digest,
    size,
    used: Math.max(used.getTime(), uses.get(digest) ?? 0),
    partOf: [digest],
    useless: false,
    remove: async () => {
      await rm(path, { force: true }).catch((error: unknown) => {
        throw fileError(error, path);
      });
      return true;
    },
  }));
}
