import type { Definers } from '@bunny/builder';
import type { Store } from '@bunny/oci';
import { Catalog, definersOf, frameworkSeeds, requirementText } from '@bunny/resolver';
import type { LockedTarget } from '@bunny/spec';
import type { Project } from './workspace.js';

/**
 * Tells which dependencies would define symbols that an image lacks, as the Bunnyfile would name them, with
 * versions and options, by what is published for its target. It serves an error message: where it cannot be
 * known, as the registry is gone, nobody is named.
 */
export function publishedDefiners(
  { document, bases }: Project,
  target: LockedTarget,
  store: Store,
  signal: AbortSignal,
): Definers {
  const place = { bases, framework: document.value.framework, store, signal };
  return async (symbols) => {
    try {
      const catalog = new Catalog({ ...place, seeds: () => frameworkSeeds(place) });
      const entries = (await catalog.entries()).map(({ entry }) => entry);
      const found = definersOf(entries, 'symbols', symbols, target.settings);
      return new Map(
        [...found].map(([symbol, definers]) => [
          symbol,
          [...new Set(definers.map((definer) => `\`${requirementText(definer)}\``))],
        ]),
      );
    } catch {
      return new Map();
    }
  };
}
