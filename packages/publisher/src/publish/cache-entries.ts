import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { removeTree, type Store, sizeOfTree } from 'bunny-libos-oci';
import { projectOf, removeProjectWork, WorkPlace } from 'bunny-libos-tooling';

/** What stands beside the blobs of a store, made from them or from sources, and can be made again. */
export interface CacheEntry {
  /**
   * `work/<key>`: what is made for a project between commands. `publish/<key>`: the same for a publication.
   * `rootfs/<key>`: a root filesystem that a program made. `code/<key>`: what V8 compiled of one release of Bunny.
   */
  name: string;
  path: string;
  /** Bytes. */
  size: number;
  used: Date;
  /** The directory that work is for, where it is known. */
  project?: string | undefined;
  /** It is for a project that is gone. */
  useless: boolean;
}

const kinds = ['code', 'publish', 'rootfs', 'work'] as const;

/** Milliseconds that pruning waits for a build or publication to end before it leaves its directory alone. */
const patience = 100;

/** All entries, sorted by name. */
export async function listCacheEntries(store: Store): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const kind of kinds) {
    const parent = join(store.directory, kind);
    for (const name of (await readdir(parent).catch(() => [])).sort()) {
      const path = join(parent, name);
      const project = kind === 'work' ? projectOf(path) : undefined;
      entries.push({
        name: `${kind}/${name}`,
        path,
        size: await sizeOfTree(path),
        used: await lastUse(path),
        project,
        useless: kind === 'work' && (project === undefined || !existsSync(project)),
      });
    }
  }
  return entries;
}

/** A lock's directory changes with every use, the entry's own only when it is made. */
async function lastUse(path: string): Promise<Date> {
  const below = (await readdir(path).catch(() => [])).map((name) => join(path, name));
  const locks = [path, ...below].map((each) => join(each, 'lock'));
  const times = await Promise.all(
    [path, ...below, ...locks].map((each) => stat(each).catch(() => undefined)),
  );
  return new Date(times.reduce((last, status) => Math.max(last, status?.mtimeMs ?? 0), 0));
}

/** Removes an entry, unless a process works in it; tells whether it did. */
export async function removeCacheEntry({ name, path }: CacheEntry): Promise<boolean> {
  if (name.startsWith('work/')) return await removeProjectWork(path, patience);
  if (name.startsWith('publish/')) return await new WorkPlace(path).discard(patience);
  await removeTree(path);
  return true;
}
