import { MetadataCache } from 'bunny-libos-namespace';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  type LockedTarget,
  type TargetName,
} from 'bunny-libos-spec';
import { lockedRules } from '../lock/locked-rules.js';
import { pickTargets, staleness, wantedTargets } from '../lock/request.js';
import { targetText } from '../lock/target-text.js';
import { foreignLock, frozenLock, noLock } from '../lock/unusable-lock.js';
import type { Resolution, ResolveOptions } from './resolve-options.js';

/**
 * Answers a Bunnyfile with a lock. A previous lock that still answers it comes back as it is, without
 * the network unless it is to be checked. Throws BUNNY_EINFER, BUNNY_EFROZEN, BUNNY_ELOCKFOREIGN, BUNNY_ELOCKED,
 * BUNNY_EBINDING, BUNNY_ENOSOLUTION, BUNNY_EOPTION, BUNNY_ETARGET and what the registry throws.
 */
export async function resolve(options: ResolveOptions): Promise<Resolution> {
  const kept = await keptLock(options);
  if (kept !== undefined) return kept;
  // A lock that answers the request, which is the usual case, needs none of what solving needs.
  const { solveLock } = await import('./solve-lock.js');
  const solved = await solveLock(options);
  await checkTargets(options, solved.lock, options.check?.(solved.lock, solved.wanted) ?? []);
  return solved;
}

/**
 * The answer of the previous lock, where that still is one; undefined where a new one is to be solved. Throws
 * BUNNY_EINFER, BUNNY_EFROZEN, BUNNY_ELOCKFOREIGN and BUNNY_ELOCKED.
 */
export async function keptLock(options: ResolveOptions): Promise<Resolution | undefined> {
  const { previous, file, renew } = options;
  const bunnyfile = options.bunnyfile.value;
  requireWritten(options.bunnyfile);
  if (previous !== undefined) {
    const known = await lockedTargetNames(options, previous);
    const wanted = wantedTargets(bunnyfile, options.filter, known);
    const state = staleness(previous, bunnyfile, wanted);
    if (!state.stale && wanted.length > 0 && renew === undefined) {
      const picked = pickTargets(previous, wanted);
      await checkTargets(options, previous, options.check?.(previous, picked) ?? []);
      const nothing = { warnings: [], held: [], lowered: [], solved: new Map() };
      return { lock: previous, wanted: picked, changed: false, ...nothing };
    }
    if (state.stale && state.reason === 'framework') throw foreignLock(previous, bunnyfile, file);
    if (options.frozen) throw frozenLock(state, file);
  } else if (options.frozen) {
    throw noLock(file);
  }
  return undefined;
}

/**
 * Checks that these targets of a lock fit together, and are as the manifests that they pin have it. What was checked
 * once is known to the store. What the policies refuse is refused first. Throws BUNNY_EPOLICY, BUNNY_ELOCKED.
 */
export async function checkTargets(
  options: ResolveOptions,
  lock: Lock,
  targets: readonly LockedTarget[],
): Promise<void> {
  const cache = MetadataCache.of(options.store);
  const { gate } = options;
  const unknown = targets.filter((target) => !cache.knowsTarget(targetText(lock, target, gate)));
  if (unknown.length === 0) return;
  if (gate !== undefined) {
    // Before anything of it is read.
    const { requireAdmitted } = await import('./admission.js');
    await requireAdmitted({ ...options, gate, framework: lock.framework }, lock, unknown);
  }
  const { checkPins } = await import('./check-pins.js');
  await checkPins(options, unknown);
  // What is warned of is warned of each time.
  if (gate?.hasWarned) return;
  for (const target of unknown) await cache.rememberTarget(targetText(lock, target, gate));
}

/** The targets that the previous lock's tooling layer offers; where its rules are not at hand, those in the lock. */
async function lockedTargetNames(options: ResolveOptions, lock: Lock): Promise<readonly TargetName[]> {
  const { bunnyfile, store, filter } = options;
  const explicit = bunnyfile.value.targets.length > 0 && (filter.arch ?? filter.platform) === undefined;
  const tooling = lock.targets[0]?.tooling;
  if (explicit || tooling === undefined) return lock.targets;
  return (await lockedRules(store, tooling))?.targets ?? lock.targets;
}

/** A lock never rests on a guess: it answers ranges that someone can read. Throws BUNNY_EINFER. */
export function requireWritten(document: Document<Bunnyfile>): void {
  if (!document.value.inferDependencies) return;
  throw new BunnyError('BUNNY_EINFER', 'the dependencies have not been determined yet', {
    where: document.at(['dependencies']),
    hint: 'run `bunny add --auto`: it writes them in place of `auto`',
    exitStatus: exitStatus.unsatisfiable,
  });
}
