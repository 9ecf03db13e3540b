import { BunnyError, type ExitStatus, type Position } from 'bunny-libos-spec';

/** The public headers of a component, as they are included. */
export interface HeaderOwner {
  /** `libc 1.2.0` */
  name: string;
  headers: readonly string[];
}

/** Headers that an error names at most. */
const mostNamed = 20;

/**
 * Throws BUNNY_EDUPLICATE where two components of a closure have a public header of one path: which of them an `#include`
 * takes would hang on the order in which directories are searched, and nobody has said it.
 */
export function requireDistinctHeaders(
  owners: readonly HeaderOwner[],
  more: { where: Position | string; hint: string; exitStatus: ExitStatus },
): void {
  const names = new Map<string, string[]>();
  for (const { name, headers } of owners) {
    for (const header of headers) names.set(header, [...(names.get(header) ?? []), name]);
  }
  const twice = [...names].filter(([, who]) => who.length > 1).sort();
  const [first] = twice;
  if (first === undefined) return;
  const [header, who] = first;
  const rest = twice.length > mostNamed ? [`and ${twice.length - mostNamed} more`] : [];
  throw new BunnyError(
    'BUNNY_EDUPLICATE',
    twice.length === 1
      ? `${who.join(' and ')} both have a header ${header}`
      : `${twice.length} headers are of two components each`,
    {
      ...more,
      details:
        twice.length === 1
          ? []
          : [...twice.slice(0, mostNamed).map(([path, each]) => `${path}: ${each.join(' and ')}`), ...rest],
    },
  );
}
