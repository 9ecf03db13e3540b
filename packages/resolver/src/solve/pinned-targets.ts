import { matches } from 'bunny-libos-namespace';
import { BunnyError, exitStatus, type LockedTarget } from 'bunny-libos-spec';
import { staleness, targetLabel } from '../lock/request.js';
import { foreignLock, frozenLock, noLock } from '../lock/unusable-lock.js';
import { requireWritten } from './resolve.js';
import type { ResolveOptions } from './resolve-options.js';

/**
 * The targets that a lock pins, or those of them that the filter asks for: for commands that take the lock as it is.
 * Needs neither store nor network. `command` is for messages.
 * Throws BUNNY_EFROZEN where the lock is missing or stale, BUNNY_ELOCKFOREIGN, BUNNY_EINFER, BUNNY_ETARGET.
 */
export function pinnedTargets(
  { bunnyfile, previous, file, lockFile, filter }: ResolveOptions,
  command: string,
): LockedTarget[] {
  requireWritten(bunnyfile);
  if (previous === undefined) throw noLock(file);
  const wanted = bunnyfile.value.targets.filter((target) => matches(filter, target));
  const state = staleness(previous, bunnyfile.value, wanted);
  if (state.stale && state.reason === 'framework') throw foreignLock(previous, bunnyfile.value, file);
  if (state.stale) throw frozenLock(state, file, `\`${command}\``);
  const pinned = previous.targets.filter((target) => matches(filter, target));
  if (pinned.length > 0) return pinned;
  const { arch = ['any'], platform = ['any'] } = filter;
  throw new BunnyError('BUNNY_ETARGET', `bunny.lock has no target ${arch.join(',')}/${platform.join(',')}`, {
    where: lockFile,
    hint: `it has ${previous.targets.map(targetLabel).join(', ')}; \`bunny resolve\` with the same flags adds another`,
    exitStatus: exitStatus.unsatisfiable,
  });
}
