import { describeTooling, type PublishedTooling, readManifest, readRulesLayer } from 'bunny-libos-namespace';
import { manifestType } from 'bunny-libos-oci';
import {
  BunnyError,
  canonicalJson,
  exitStatus,
  type LockedTooling,
  type ToolingRules,
  toolingRepository,
} from 'bunny-libos-spec';
import type { PinnedPlace } from './pinned.js';

/** What of a lock's tooling entry its rules and its manifest can contradict. */
type Facts = Partial<Omit<LockedTooling, 'from' | 'digest'>>;

/**
 * The rules of the tooling layer that a lock pins: from the store, or its sources. Throws BUNNY_ELOCKED where they
 * are another version's than the lock says, or of another root filesystem, or are nowhere.
 */
export async function lockedToolingRules(
  place: RulesPlace,
  locked: LockedTooling,
): Promise<PublishedTooling> {
  const document = await readRulesLayer(
    place.store,
    locked.rules,
    sourcesOf(place, locked),
    transferOf(place),
  ).catch((cause) => {
    throw missing(place, locked, { part: 'rules', digest: locked.rules.digest, cause });
  });
  const { identity, layerHash } = document;
  const rootfs = locked.rootfs.map((layer, index) => ({
    ...layer,
    diffId: identity.rootfs[index] ?? 'none',
  }));
  const count = identity.rootfs.length === rootfs.length;
  requireSame(place, locked, { version: identity.version, layerHash, rootfs: count ? rootfs : [] }, 'rules');
  return { locked, document };
}

/** As `PinnedPlace`, without the metadata of components. */
export type RulesPlace = Omit<PinnedPlace, 'cache'>;

/**
 * The rules of the tooling layer that a lock pins, after all that the lock says of it was compared with its
 * manifest, which is read by its digest: one request or two, where the store does not have it. Offline, what the
 * store does not have is not compared. Throws BUNNY_ELOCKED.
 */
export async function checkLockedTooling(place: RulesPlace, locked: LockedTooling): Promise<ToolingRules> {
  const { store, framework } = place;
  const sources = sourcesOf(place, locked);
  const descriptor = { mediaType: manifestType, digest: locked.digest, size: locked.size };
  if (place.offline && !(await store.has(descriptor))) {
    return (await lockedToolingRules(place, locked)).document.rules;
  }
  const transfer = transferOf(place);
  const where = `${sources[0]?.name ?? 'the store'}@${locked.digest}`;
  const bytes = await store.load(descriptor, sources, transfer).catch((cause) => {
    throw missing(place, locked, { part: 'a manifest', digest: locked.digest, cause });
  });
  const { locked: is, document } = await describeTooling({
    framework,
    from: locked.from,
    descriptor,
    manifest: readManifest(bytes, manifestType, where),
    where,
    readConfig: (config) => store.load(config, sources, transfer),
    readRules: (rules) => readRulesLayer(store, rules, sources, transfer),
  });
  const { from: _, digest: __, ...facts } = is;
  requireSame(place, locked, facts, 'manifest');
  return document.rules;
}

function requireSame(place: RulesPlace, locked: LockedTooling, facts: Facts, authority: string): void {
  const differences = Object.entries(facts).flatMap(([key, is]) => {
    const said = locked[key as keyof Facts];
    return canonicalJson(said) === canonicalJson(is)
      ? []
      : [`${key}: the lock says ${shown(said)}, the ${authority} ${shown(is)}`];
  });
  if (differences.length === 0) return;
  throw new BunnyError(
    'BUNNY_ELOCKED',
    `bunny.lock contradicts the ${authority} that it pins for the tooling layer`,
    { where: place.lockFile, details: differences, hint: wayOut, exitStatus: exitStatus.unsatisfiable },
  );
}

function missing(
  place: RulesPlace,
  locked: LockedTooling,
  { part, digest, cause }: { part: string; digest: string; cause: unknown },
): unknown {
  const { code } = cause as { code?: unknown };
  if (code !== 'BUNNY_ENOTFOUND' && code !== 'BUNNY_ESIZE') return cause;
  return new BunnyError(
    'BUNNY_ELOCKED',
    `bunny.lock pins ${part} of the tooling layer ${locked.version} that ${locked.from} does not have`,
    {
      where: place.lockFile,
      details: [digest],
      cause,
      hint: wayOut,
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

const wayOut =
  'undo the edit of bunny.lock, or run `bunny update`, which chooses the tooling layer and all components again';

function shown(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

function sourcesOf({ offline, bases, framework }: RulesPlace, { from }: LockedTooling) {
  return offline ? [] : bases.sources(from, framework, toolingRepository);
}

function transferOf({ signal }: RulesPlace): { signal?: AbortSignal | undefined } {
  return { signal };
}
