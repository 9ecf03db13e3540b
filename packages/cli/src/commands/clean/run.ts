import { realpathSync } from 'node:fs';
import { removeImages } from 'bunny-libos-builder';
import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { listCacheEntries, removeCacheEntry } from 'bunny-libos-publisher';
import { exitStatus, formatBytes } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { count } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import type { Context } from './command.js';

/** `bunny clean` */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const { dryRun = false } = flags;
  const { directory, document } = await namedProject(context);
  const real = realpathSync(directory);
  // To clean is not to make a store.
  const entries = await listCacheEntries(new Store(defaultStoreDirectory()));
  const work: string[] = [];
  let freed = 0;
  for (const entry of entries.filter(({ project }) => project === real)) {
    if (!dryRun && !(await removeCacheEntry(entry))) {
      terminal.note(`${entry.path} stays, as another command is using it`);
      continue;
    }
    work.push(entry.path);
    freed += entry.size;
  }
  const images = removeImages({ directory, name: document.value.name }, { dryRun });
  for (const { path, size } of images) {
    terminal.report(shownPath(path));
    freed += size;
  }
  const files = `${count(images.length, 'file')} and ${count(work.length, 'work directory', 'work directories')}`;
  terminal.done(dryRun ? 'Would remove' : 'Removed', `${files}: ${formatBytes(freed)}`);
  terminal.result({ dryRun, files: images.map(({ path }) => shownPath(path)), work, freed });
  return exitStatus.done;
}
