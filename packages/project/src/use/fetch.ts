import { fetchPinned, pinnedComponents, pinnedToolings } from 'bunny-libos-builder';
import { checkTargets, pinnedTargets } from 'bunny-libos-resolver';
import { type LockedTarget, toolingRepository } from 'bunny-libos-spec';
import { allOf, partsAskedFor } from '../lock/parts.js';
import { LockRequest, type LockWishes } from '../lock/request.js';
import type { Project } from '../open/project.js';

/** What a lock pins for some targets. */
export interface FetchedLock {
  targets: readonly LockedTarget[];
  /** Tooling layers and components, each once. */
  artifacts: readonly { name: string; version: string; digest: string; from: string }[];
}

/**
 * Brings all that a project's lock pins for the targets asked for into the store. The lock is used as it is. `onFetch` is
 * told of each layer that the store lacks. Throws what `pinnedTargets`, `checkTargets` and `fetchPinned` throw.
 */
export async function fetchLocked(
  project: Project,
  wishes: LockWishes,
  onFetch: (layer: { digest: string; size: number }) => void,
): Promise<FetchedLock> {
  const frozen = { ...wishes, frozen: true };
  const pinned = await allOf(
    partsAskedFor(project, frozen).map(async (part) => {
      const request = await LockRequest.open(part, frozen);
      return { request, targets: pinnedTargets(request.options, 'bunny fetch') };
    }),
  );
  for (const { request, targets } of pinned) {
    const { options, sources } = request;
    if (options.previous !== undefined) await checkTargets(options, options.previous, targets);
    await fetchPinned(targets, options.store, sources, { signal: project.signal, onFetch });
  }
  return {
    targets: pinned.flatMap(({ targets }) => targets),
    artifacts: pinned.flatMap(({ targets }) => [
      ...pinnedToolings(targets).map((each) => describe(toolingRepository, each)),
      ...pinnedComponents(targets).map((each) => describe(each.name, each)),
    ]),
  };
}

function describe(
  name: string,
  { version, digest, from }: { version: string; digest: string; from: string },
): FetchedLock['artifacts'][number] {
  return { name, version, digest, from };
}
