import { type Lock, type LockedTarget, writeLocks } from 'bunny-libos-spec';
import type { Gate } from 'bunny-libos-trust';

/**
 * All that a lock says of one of its targets, and for which request; with the policies that it is judged by, where there are
 * any: what was found in order by others is to be judged anew.
 */
export function targetText(lock: Lock, target: LockedTarget, gate?: Pick<Gate, 'fingerprint'>): string {
  const text = writeLocks([{ ...lock, targets: [target] }]);
  return gate === undefined ? text : `${text}policies ${gate.fingerprint}\n`;
}
