import type { LockChange } from '@bunny/resolver';
import { table } from './table.js';

/** What became of the components of a lock, as a table. */
export function changeTable(changes: readonly LockChange[]): string {
  const rows = changes.map(({ name, targets, before, after, rebuilt }) => [
    `  ${before === undefined ? 'add' : after === undefined ? 'remove' : rebuilt ? 'variant' : 'update'}`,
    name,
    before ?? '',
    after ?? '',
    targets.join(' '),
  ]);
  return table(['  CHANGE', 'COMPONENT', 'FROM', 'TO', 'TARGETS'], rows);
}
