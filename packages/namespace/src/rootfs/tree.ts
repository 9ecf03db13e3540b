import { realpath } from 'node:fs/promises';
import { directoryDiffId, type HeldDirectory, listTree, packDirectory } from 'bunny-libos-oci';
import type { RootfsLayer } from '../tooling/rootfs-layer.js';
import { type RootfsCache, rootfsKey } from './cache.js';

/** Milliseconds by which times of change may be rounded: what is younger may change again and keep its time. */
const coarsestTime = 2000;

/**
 * The diff ID of a directory's content. Read only where something in the directory is another than when it was last
 * read, as the times of change, sizes and inodes of all that is in it tell: nobody can set the time of change.
 */
export async function treeDiffId(
  tree: HeldDirectory,
  cache: RootfsCache,
  options: { signal?: AbortSignal | undefined },
): Promise<string> {
  const begun = Date.now();
  const entries = listTree(tree);
  const stamp = rootfsKey(
    entries
      .map(({ path, status: { dev, ino, mode, size, mtimeMs, ctimeMs } }) =>
        [path, dev, ino, mode, size, mtimeMs, ctimeMs].join('\0'),
      )
      .sort(),
  );
  const key = rootfsKey({ directory: await realpath(tree.path) });
  const known = await cache.noted(key, stamp);
  if (known !== undefined) return known;
  const diffId = await directoryDiffId(tree, options);
  const newest = entries.reduce((latest, { status }) => Math.max(latest, status.ctimeMs), 0);
  if (newest + coarsestTime < begun) await cache.note(key, stamp, diffId);
  return diffId;
}

/** The layer of a directory whose diff ID is known, packed where it is not kept; undefined where the directory has changed. */
export async function packedTree(
  tree: HeldDirectory,
  diffId: string,
  cache: RootfsCache,
  options: { signal?: AbortSignal | undefined },
): Promise<RootfsLayer | undefined> {
  const key = rootfsKey({ tree: diffId });
  const kept = await cache.find(key);
  if (kept !== undefined) return kept;
  return await cache.make(key, async (_, archive) => {
    const packed = await packDirectory(tree, archive, options);
    return packed.diffId === diffId ? packed : undefined;
  });
}
