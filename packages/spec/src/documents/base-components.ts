import type { ToolingTarget } from './tooling.js';
import { holds, type Settings } from './vocabulary.js';

/** What every image for a target needs under these settings: name -> range. */
export function baseComponents(
  { base }: Pick<ToolingTarget, 'base'>,
  settings: Settings,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(base).flatMap(([name, needed]) => {
      if (typeof needed === 'string') return [[name, needed]];
      return holds(needed.when, settings) ? [[name, needed.version]] : [];
    }),
  );
}
