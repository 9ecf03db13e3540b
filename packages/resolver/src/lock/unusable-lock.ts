import { BunnyError, type Bunnyfile, exitStatus, type Lock } from 'bunny-libos-spec';
import { type Staleness, targetLabel } from './request.js';

/** Why a lock is not used as it is. `file` is the Bunnyfile. */

/** There is none, and none may be made. */
export function noLock(file: string): BunnyError {
  return frozen('there is no bunny.lock', file);
}

/** It is stale. `forbids` says what keeps it from being changed. */
export function frozenLock(state: Staleness, file: string, forbids = '--frozen'): BunnyError {
  const why =
    state.stale && state.reason === 'targets'
      ? `bunny.lock lacks ${state.missing.map(targetLabel).join(', ')}`
      : 'bunny.lock was made for another Bunnyfile or an earlier state of this one';
  return frozen(`${why}, and ${forbids} forbids changing it`, file);
}

/** It belongs to another framework. */
export function foreignLock(lock: Lock, bunnyfile: Bunnyfile, file: string): BunnyError {
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

function frozen(summary: string, where: string): BunnyError {
  return new BunnyError('BUNNY_EFROZEN', summary, {
    where,
    hint: 'run `bunny resolve` and commit bunny.lock',
    exitStatus: exitStatus.unsatisfiable,
  });
}
