import {
  compatibleLine,
  definedNames,
  type Namespace,
  newestFirst,
  readVariantConfig,
} from 'bunny-libos-namespace';
import type { LockedTarget, Settings } from 'bunny-libos-spec';
import type { Sources } from './closure-layers.js';

/** Symbol -> the version of a component that had it and is in the closure in a later one, as far as is known. */
export type FormerDefiners = (
  symbols: readonly string[],
) => Promise<ReadonlyMap<string, { name: string; version: string }>>;

/** Earlier versions of a component that are looked at. */
const mostVersions = 5;

/**
 * Looks up symbols in earlier versions of what a target pins, the newest first, of those that the pinned one claims to be
 * compatible with: the catalog knows only the newest of these. Throws what the registry throws.
 */
export function formerDefiners(
  { components, settings }: LockedTarget,
  namespace: Pick<Namespace, 'component'>,
  sources: Sources,
  transfer: { signal?: AbortSignal | undefined } = {},
): FormerDefiners {
  return async (symbols) => {
    const found = new Map<string, { name: string; version: string }>();
    const look = async ({ name, version }: LockedTarget['components'][number]) => {
      const component = await namespace.component(name);
      if (component === undefined) return;
      const { repository, from } = component;
      const [target] = sources(from, name);
      if (target === undefined) return;
      const line = newestFirst(repository.versions).filter(
        (each) => compatibleLine(each) === compatibleLine(version),
      );
      const earlier = line.slice(line.indexOf(version) + 1, line.indexOf(version) + 1 + mostVersions);
      for (const each of line.includes(version) ? earlier : []) {
        const variants = await repository.variants(each);
        const fitting = variants.filter(({ identity }) => agree(identity.settings, settings));
        for (const { manifest } of fitting) {
          const config = await readVariantConfig(target, manifest.digest, transfer);
          const defined = config === undefined ? new Set() : definedNames(config);
          for (const symbol of symbols) {
            if (defined.has(symbol) && !found.has(symbol)) found.set(symbol, { name, version: each });
          }
        }
      }
    };
    await Promise.all(components.map(look));
    return found;
  };
}

function agree(left: Settings, right: Settings): boolean {
  return Object.entries(left).every(([name, value]) => right[name] === undefined || right[name] === value);
}
