import { olderVersion } from 'bunny-libos-namespace';
import type { LockChange } from 'bunny-libos-resolver';
import { table } from './table.js';

/** What became of the components of a lock, as a table. */
export function changeTable(changes: readonly LockChange[]): string {
  const rows = changes.map((change) => [
    `  ${kindOf(change)}`,
    change.name,
    change.before ?? '',
    change.after ?? '',
    change.targets.join(' '),
  ]);
  return table(['  CHANGE', 'COMPONENT', 'FROM', 'TO', 'TARGETS'], rows);
}

function kindOf({ before, after, rebuilt }: LockChange): string {
  if (before === undefined) return 'add';
  if (after === undefined) return 'remove';
  if (rebuilt) return 'variant';
  return olderVersion(after, before) ? 'downgrade' : 'update';
}
