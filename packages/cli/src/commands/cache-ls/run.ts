import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { listCacheEntries } from 'bunny-libos-publisher';
import { byCodeUnit, exitStatus, formatBytes } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';
import { count } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';

/** Lists what the store holds, the longest unused first. */
export async function run({ terminal }: Run): Promise<number> {
  // To look is not to make one.
  const store = new Store(defaultStoreDirectory());
  const [blobs, trees, entries] = await Promise.all([store.list(), store.trees(), listCacheEntries(store)]);
  const rows = [
    ...blobs.map(({ digest, size, used, unpacked }) => ({
      what: digest,
      size,
      used,
      note: unpacked ? 'unpacked' : '',
    })),
    ...trees.map(({ name, size, used }) => ({ what: `unpacked/${name}`, size, used, note: '' })),
    ...entries.map(({ name, size, used, project, useless }) => ({
      what: name,
      size,
      used,
      note: project === undefined ? '' : `${project}${useless ? ' (gone)' : ''}`,
    })),
  ].sort((left, right) => left.used.getTime() - right.used.getTime() || byCodeUnit(left.what, right.what));
  if (rows.length > 0) {
    terminal.print(
      table(
        ['USED', 'SIZE', 'WHAT', ''],
        rows.map(({ what, size, used, note }) => [dayOf(used), formatBytes(size), what, note]),
      ),
    );
  }
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  terminal.note(
    `${count(blobs.length, 'blob')}, ${count(trees.length, 'unpacked layer')}, ${entries.length} work directories: ` +
      `${formatBytes(bytes)} in ${store.directory}`,
  );
  terminal.result({
    directory: store.directory,
    bytes,
    blobs: blobs.map(({ used, ...blob }) => ({ ...blob, used: used.toISOString() })),
    trees: trees.map(({ used, ...tree }) => ({ ...tree, used: used.toISOString() })),
    entries: entries.map(({ name, size, used, project }) => ({
      name,
      size,
      used: used.toISOString(),
      project,
    })),
  });
  return exitStatus.done;
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
