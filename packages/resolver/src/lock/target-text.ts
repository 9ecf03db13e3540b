import { type Lock, type LockedTarget, writeLock } from 'bunny-libos-spec';

/** All that a lock says of one of its targets, and for which request. */
export function targetText(lock: Lock, target: LockedTarget): string {
  return writeLock({ ...lock, targets: [target] });
}
