import { type OpenedTooling, openTooling } from 'bunny-libos-namespace';
import type { Store, StoreOptions } from 'bunny-libos-oci';
import {
  type LockedComponent,
  type LockedTarget,
  type LockedTooling,
  toolingRepository,
} from 'bunny-libos-spec';
import { type ClosureMember, openClosure, type Sources } from './closure-layers.js';
import { asPinnedFailure } from './pinned-failure.js';

/** What a lock pins, on this machine. */
export interface Fetched {
  /** In the order of the targets, each once. */
  toolings: readonly OpenedTooling[];
  /** In the order of the targets, each once. */
  closure: readonly ClosureMember[];
}

/**
 * Brings all that these targets pin into the store, unpacked, so that building them needs no network: what it has is
 * left alone, the rest comes in parallel.
 * Throws what `openPinnedTooling` and `openClosure` throw.
 */
export async function fetchPinned(
  targets: readonly LockedTarget[],
  store: Store,
  sources: Sources,
  options: StoreOptions = {},
): Promise<Fetched> {
  const [toolings, closure] = await Promise.all([
    Promise.all(pinnedToolings(targets).map((each) => openPinnedTooling(store, each, sources, options))),
    openClosure(store, pinnedComponents(targets), sources, options),
  ]);
  return { toolings, closure };
}

/**
 * The tooling layer of a locked target, fetched where the store lacks it. Throws BUNNY_ELOCKED, BUNNY_ENOTFOUND where no
 * source has it, BUNNY_EOFFLINE where there is none, and what the store throws.
 */
export async function openPinnedTooling(
  store: Store,
  tooling: LockedTooling,
  sources: Sources,
  options: StoreOptions = {},
): Promise<OpenedTooling> {
  const { version, from } = tooling;
  try {
    return await openTooling(store, tooling, sources(from, toolingRepository), options);
  } catch (error) {
    throw asPinnedFailure(error, { name: `the tooling layer ${version}`, from, renew: 'bunny update' });
  }
}

/** The tooling layers of several targets, each once. */
export function pinnedToolings(targets: readonly LockedTarget[]): LockedTooling[] {
  return [...new Map(targets.map(({ tooling }) => [tooling.digest, tooling])).values()];
}

/** The components of several targets, each once. */
export function pinnedComponents(targets: readonly LockedTarget[]): LockedComponent[] {
  const all = targets.flatMap(({ components }) => components);
  return [...new Map(all.map((component) => [component.digest, component])).values()];
}
