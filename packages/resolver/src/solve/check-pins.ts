import { type FoundVariant, MetadataCache } from 'bunny-libos-namespace';
import { type LockedComponent, type LockedTarget, targetView } from 'bunny-libos-spec';
import { checkClosure } from '../lock/check.js';
import { checkLockedTooling } from '../lock/locked-tooling.js';
import { lockedVariant, type PinnedPlace } from '../lock/pinned.js';
import type { ResolveOptions } from './resolve-options.js';
import { closureSettings } from './root.js';

/** The variants that a lock pins, as their manifests describe them. Throws BUNNY_ELOCKED where the lock says otherwise. */
export async function readPins(
  options: ResolveOptions,
  locked: readonly LockedComponent[],
): Promise<Map<string, FoundVariant>> {
  const place = pinnedPlace(options);
  const pins = await Promise.all(
    locked.map(async (component) => [component.name, await lockedVariant(place, component)] as const),
  );
  return new Map(pins);
}

/**
 * Compares what a lock pins for these targets with the manifests, which are read by their digests: from the store, else
 * from the sources, into the store. Throws BUNNY_ELOCKED where they do not fit together, or are not as the lock says.
 */
export async function checkPins(options: ResolveOptions, targets: readonly LockedTarget[]): Promise<void> {
  const place = pinnedPlace(options);
  const { bunnyfile, lockFile } = options;
  for (const target of targets) {
    const closure = await readPins(options, target.components);
    const rules = await checkLockedTooling(place, target.tooling);
    const settings = closureSettings(bunnyfile, rules, target);
    checkClosure(target, closure, targetView(bunnyfile.value, target).value, settings, lockFile);
  }
}

function pinnedPlace(options: ResolveOptions): PinnedPlace {
  const { store, bases, lockFile, offline, signal } = options;
  return {
    store,
    cache: MetadataCache.of(store),
    bases,
    framework: options.bunnyfile.value.framework,
    lockFile,
    offline,
    signal,
  };
}
