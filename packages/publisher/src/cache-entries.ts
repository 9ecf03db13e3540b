import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLock, removeTree, type Store, sizeOfTree } from '@bunny/oci';

/** What stands beside the blobs of a store, made from them or from sources, and can be made again. */
export interface CacheEntry {
  /**
   * `publish/<key>`: work directory of a publication. `rootfs/<key>`: a root filesystem that a program made.
   * `code/<key>`: what V8 compiled of one release of Bunny.
   */
  name: string;
  path: string;
  /** Bytes. */
  size: number;
  used: Date;
}

const kinds = ['code', 'publish', 'rootfs'];

/** Milliseconds that pruning waits for a publication to end before it leaves its directory alone. */
const patience = 100;

/** All entries, sorted by name. */
export async function listCacheEntries(store: Store): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const kind of kinds) {
    const parent = join(store.directory, kind);
    for (const name of (await readdir(parent).catch(() => [])).sort()) {
      const path = join(parent, name);
      // A lock's directory changes with every use, the entry's own only when it is made.
      const times = await Promise.all(
        [path, join(path, 'lock')].map((each) => stat(each).catch(() => undefined)),
      );
      const used = times.reduce((last, status) => Math.max(last, status?.mtimeMs ?? 0), 0);
      entries.push({ name: `${kind}/${name}`, path, size: await sizeOfTree(path), used: new Date(used) });
    }
  }
  return entries;
}

/** Removes an entry, unless a process works in it; tells whether it did. */
export async function removeCacheEntry({ name, path }: CacheEntry): Promise<boolean> {
  if (!name.startsWith('publish/')) {
    await removeTree(path);
    return true;
  }
  try {
    await new FileLock(join(path, 'lock'), 'publish').hold(() => removeTree(path), { timeout: patience });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'BUNNY_ETIMEOUT') return false;
    throw error;
  }
}
