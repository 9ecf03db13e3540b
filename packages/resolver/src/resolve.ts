import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Lock,
  type TargetName,
  writeLock,
} from '@bunny/spec';
import { lockedRules } from './locked-rules.js';
import { MetadataCache } from './metadata-cache.js';
import { pickTargets, staleness, wantedTargets } from './request.js';
import type { Resolution, ResolveOptions } from './resolve-options.js';
import { foreignLock, frozenLock, noLock } from './unusable-lock.js';

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
  return solveLock(options);
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
      if (options.check) await checkOnce(options, previous);
      return { lock: previous, wanted: pickTargets(previous, wanted), changed: false, warnings: [] };
    }
    if (state.stale && state.reason === 'framework') throw foreignLock(previous, bunnyfile, file);
    if (options.frozen) throw frozenLock(state, file);
  } else if (options.frozen) {
    throw noLock(file);
  }
  return undefined;
}

/** Throws BUNNY_ELOCKED where what the lock pins does not fit together. A lock is checked once. */
async function checkOnce(options: ResolveOptions, lock: Lock): Promise<void> {
  const cache = MetadataCache.of(options.store);
  const text = writeLock(lock);
  if (await cache.knowsLock(text)) return;
  const { checkPins } = await import('./solve-lock.js');
  await checkPins(options, lock);
  await cache.rememberLock(text);
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
  throw new BunnyError('BUNNY_EINFER', 'the dependencies are still to be found out', {
    where: document.at(['dependencies']),
    hint: 'run `bunny add --auto`: it writes them in place of `auto`',
    exitStatus: exitStatus.unsatisfiable,
  });
}
