import { type Definers, type FormerDefiners, formerDefiners, requirementsFor } from 'bunny-libos-builder';
import { Catalog, MetadataCache, Namespace, readRulesLayer } from 'bunny-libos-namespace';
import { frameworkSeeds } from 'bunny-libos-resolver';
import type { LockedTarget } from 'bunny-libos-spec';
import type { LockRequest } from '../lock/request.js';

/**
 * Tells which dependencies would bring symbols or headers that an image lacks, as the Bunnyfile would name them, with
 * versions and options, by what is published for its target. It serves an error message: where it cannot be
 * known, as the registry is gone, nobody is named.
 */
export function publishedDefiners({ project, bases, store }: LockRequest, target: LockedTarget): Definers {
  const { framework, dependencies, providers } = project.document.value;
  const { signal } = project;
  const place = { bases, framework, store, signal };
  return async (names, kind) => {
    try {
      const catalog = new Catalog({ ...place, seeds: () => frameworkSeeds(place) });
      // What builds has the rules in the store.
      const { rules } = await readRulesLayer(store, target.tooling.rules, []);
      const knowledge = {
        entries: (await catalog.entries()).map(({ entry }) => entry),
        capabilities: rules.capabilities,
        explicit: new Set(Object.keys(dependencies)),
        chosen: new Set(Object.values(providers)),
      };
      return new Map(
        names.map((name) => [name, requirementsFor({ kind, name, settings: target.settings }, knowledge)]),
      );
    } catch {
      return new Map();
    }
  };
}

/** Tells which earlier versions of what a target pins had symbols; as `publishedDefiners`, nobody where it cannot be known. */
export function earlierDefiners(
  { project, bases, store, sources }: LockRequest,
  target: LockedTarget,
): FormerDefiners {
  const { framework, signal } = project;
  const namespace = new Namespace({ bases, framework, cache: MetadataCache.of(store), signal });
  return async (symbols) => {
    try {
      return await formerDefiners(target, namespace, sources, { signal })(symbols);
    } catch {
      return new Map();
    }
  };
}
