import { matches, type TargetFilter } from 'bunny-libos-namespace';
import {
  type Bunnyfile,
  canonicalJson,
  type Lock,
  type LockedTarget,
  type NamedTarget,
  sha256,
  type TargetName,
} from 'bunny-libos-spec';

/**
 * The fingerprint of what a Bunnyfile asks for: sha256 over everything in it that resolution reads.
 * Targets are left out, as a lock may hold some of them only, and mirrors, as they change nothing of it.
 */
export function requestFingerprint(bunnyfile: Bunnyfile): string {
  const { framework, toolingVersion, dependencies, options, providers, settings } = bunnyfile;
  const registries = bunnyfile.registries.map(({ ref }) => ref);
  const differing = bunnyfile.targets.flatMap((target) => {
    const { app: _, plainSources: __, ...differs } = target.differs ?? {};
    return Object.keys(differs).length === 0 ? [] : [[targetLabel(target), differs] as const];
  });
  return sha256(
    canonicalJson({
      framework,
      toolingVersion,
      dependencies,
      options,
      providers,
      settings,
      registries,
      // Left out where nothing differs: locks from before that was possible stay as they are.
      targets: differing.length === 0 ? undefined : Object.fromEntries(differing),
    }),
  );
}

/**
 * The targets that a request is for, among those that the tooling layer offers: what the command line
 * names, else what the Bunnyfile lists, else what its `platforms` name, else all.
 */
export function wantedTargets(
  bunnyfile: Bunnyfile,
  filter: TargetFilter,
  offered: readonly TargetName[],
): TargetName[] {
  const named = (filter.arch?.length ?? 0) + (filter.platform?.length ?? 0) > 0;
  if (bunnyfile.targets.length > 0) {
    const listed = bunnyfile.targets.filter((target) => matches(filter, target));
    if (!named || listed.length > 0) return listed;
  }
  const usual = offered.filter((target) =>
    matches(
      {
        arch: filter.arch ?? asList(bunnyfile.architecture),
        platform: filter.platform ?? asList(bunnyfile.monitor),
      },
      target,
    ),
  );
  return named && usual.length === 0 ? offered.filter((target) => matches(filter, target)) : usual;
}

function asList(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

/** Why a lock cannot be used as it is for a Bunnyfile. */
export type Staleness =
  | { stale: false }
  | { stale: true; reason: 'framework' | 'request' }
  | { stale: true; reason: 'targets'; missing: readonly TargetName[] };

/** Tells, without the network, whether a lock still answers a request. */
export function staleness(lock: Lock, bunnyfile: Bunnyfile, wanted: readonly TargetName[]): Staleness {
  if (lock.framework !== bunnyfile.framework) return { stale: true, reason: 'framework' };
  if (lock.request !== requestFingerprint(bunnyfile)) return { stale: true, reason: 'request' };
  const missing = wanted.filter((target) => !lock.targets.some((locked) => sameTarget(locked, target)));
  return missing.length > 0 ? { stale: true, reason: 'targets', missing } : { stale: false };
}

/** Whether two are the same target, whatever else is said of them. A framework that one does not name is that of the other. */
export function sameTarget(left: NamedTarget, right: NamedTarget): boolean {
  const { framework = right.framework } = left;
  return (
    left.arch === right.arch &&
    left.platform === right.platform &&
    framework === (right.framework ?? framework)
  );
}

/** `amd64/qemu`; where there are several frameworks, `warren/amd64/qemu`. */
export function targetLabel({ framework, arch, platform }: NamedTarget): string {
  return [...(framework === undefined ? [] : [framework]), arch, platform].join('/');
}

/** These targets of a lock, in its order. */
export function pickTargets(lock: Lock, wanted: readonly TargetName[]): LockedTarget[] {
  return lock.targets.filter((target) => wanted.some((each) => sameTarget(each, target)));
}
