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
import { pickTargets, staleness, targetLabel, wantedTargets } from './request.js';
import type { Resolution, ResolveOptions } from './resolve-options.js';

/**
 * Answers a Bunnyfile with a lock. A previous lock that still answers it comes back as it is, without
 * the network unless it is to be checked. Throws BUNNY_EINFER, BUNNY_EFROZEN, BUNNY_ELOCKFOREIGN, BUNNY_ELOCKED,
 * BUNNY_EBINDING, BUNNY_ENOSOLUTION, BUNNY_EOPTION, BUNNY_ETARGET and what the registry throws.
 */
export async function resolve(options: ResolveOptions): Promise<Resolution> {
  const { previous, file, renew } = options;
  const bunnyfile = options.bunnyfile.value;
  if (bunnyfile.inferDependencies) throw notWritten(options.bunnyfile);
  if (previous !== undefined) {
    const known = await lockedTargetNames(options, previous);
    const wanted = wantedTargets(bunnyfile, options.filter, known);
    const state = staleness(previous, bunnyfile, wanted);
    if (!state.stale && wanted.length > 0 && renew === undefined) {
      if (options.check) await checkOnce(options, previous);
      return { lock: previous, wanted: pickTargets(previous, wanted), changed: false, warnings: [] };
    }
    if (state.stale && state.reason === 'framework') throw foreign(previous, bunnyfile, file);
    if (options.frozen) throw frozen(state, file);
  } else if (options.frozen) {
    throw new BunnyError('BUNNY_EFROZEN', 'there is no bunny.lock', {
      where: file,
      hint: 'run `bunny resolve` and commit bunny.lock',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  // A lock that answers the request, which is the usual case, needs none of what solving needs.
  const { solveLock } = await import('./solve-lock.js');
  return solveLock(options);
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

function foreign(lock: Lock, bunnyfile: Bunnyfile, file: string): BunnyError {
  return new BunnyError(
    'BUNNY_ELOCKFOREIGN',
    `bunny.lock was made for another Bunnyfile: for ${lock.framework}, not ${bunnyfile.framework}`,
    {
      where: file,
      hint: 'remove bunny.lock and run `bunny resolve`, or go back to the Bunnyfile that it belongs to',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/** A lock never rests on a guess: it answers ranges that someone can read. */
function notWritten(document: Document<Bunnyfile>): BunnyError {
  return new BunnyError('BUNNY_EINFER', 'the dependencies are still to be found out', {
    where: document.at(['dependencies']),
    hint: 'run `bunny add --auto`: it writes them in place of `auto`',
    exitStatus: exitStatus.unsatisfiable,
  });
}

function frozen(state: ReturnType<typeof staleness>, file: string): BunnyError {
  const why =
    state.stale && state.reason === 'targets'
      ? `bunny.lock lacks ${state.missing.map(targetLabel).join(', ')}`
      : 'bunny.lock was made for another Bunnyfile or an earlier state of this one';
  return new BunnyError('BUNNY_EFROZEN', `${why}, and --frozen forbids to change it`, {
    where: file,
    hint: 'run `bunny resolve` and commit bunny.lock',
    exitStatus: exitStatus.unsatisfiable,
  });
}
