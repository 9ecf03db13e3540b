import type { InferredRequirement } from 'bunny-libos-builder';
import { table } from './table.js';

/** What was found and by what, as a table. */
export function requirementTable(requirements: readonly InferredRequirement[]): string {
  const few = (names: readonly string[]) => {
    const shown = names.slice(0, 3).join(' ');
    return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
  };
  const rows = requirements.map(({ name, version, headers, symbols }) => [
    `  ${name}`,
    version,
    few([...headers, ...symbols]),
  ]);
  return table(['  REQUIREMENT', 'RANGE', 'BECAUSE OF'], rows);
}
