import { Store } from 'bunny-libos-oci';
import { listCacheEntries, removeCacheEntry } from 'bunny-libos-publisher';
import { reachableFrom, readLockFile } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, formatBytes } from 'bunny-libos-spec';
import { count } from '../../terminal/quantities.js';
import type { Context } from './command.js';

/**
 * Removes from the store what the flags leave no reason to keep: what is in no lock to keep, is old enough, and the
 * rest is too large; conditions that are not given are met.
 */
export async function run({ flags, terminal }: Context): Promise<number> {
  const { olderThan, maxSize, keep, all, dryRun } = flags;
  if ([olderThan, maxSize, keep, all].every((each) => each === undefined)) {
    throw new BunnyError('BUNNY_EUSAGE', 'nothing says what may be removed', {
      where: 'bunny cache prune',
      hint: 'name --older-than AGE, --max-size SIZE or --keep LOCK, or --all for everything',
      exitStatus: exitStatus.usage,
    });
  }
  const store = await Store.open();
  const entries = await listCacheEntries(store);
  const { removed, trees, beside, inUse, freed, left } = await store.prune({
    keep: keep === undefined ? undefined : await digestsOf(store, keep),
    olderThan,
    toSize: maxSize,
    dryRun,
    beside: entries.map((entry) => ({ ...entry, remove: () => removeCacheEntry(entry) })),
  });
  if (inUse.length > 0) terminal.note(`${inUse.length} of them stay, as other commands are using them`);
  terminal.done(
    dryRun ? 'Would free' : 'Freed',
    `${formatBytes(freed)}: ${count(removed.length, 'blob')}, ${count(trees.length, 'unpacked layer')}, ` +
      `${beside.length} of ${entries.length} work directories; ${formatBytes(left)} stay`,
  );
  terminal.result({
    directory: store.directory,
    dryRun: dryRun ?? false,
    freed,
    left,
    blobs: removed,
    trees,
    entries: beside,
    inUse,
  });
  return exitStatus.done;
}

async function digestsOf(store: Store, files: readonly string[]): Promise<Set<string>> {
  const digests = new Set<string>();
  for (const file of files) {
    const locks = await readLockFile(file);
    if (locks === undefined) {
      throw new BunnyError('BUNNY_ENOFILE', `there is no ${file}`, {
        where: file,
        hint: 'nothing was removed; name a bunny.lock that exists',
        exitStatus: exitStatus.usage,
      });
    }
    for (const digest of await reachableFrom(store, locks)) digests.add(digest);
  }
  return digests;
}
