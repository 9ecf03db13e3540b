import { MetadataCache } from 'bunny-libos-namespace';
import type { Lock } from 'bunny-libos-spec';
import { requestFingerprint } from '../lock/request.js';
import { targetText } from '../lock/target-text.js';
import type { ResolveOptions } from './resolve-options.js';

/**
 * A lock that was found for another Bunnyfile as the answer to this one, which asks for the same, but of some components
 * for fewer versions, among them those that were chosen: what was the best of more is the best of less. What was found in
 * order of it is so still.
 */
export async function restateLock(
  { bunnyfile, store, gate }: Pick<ResolveOptions, 'bunnyfile' | 'store' | 'gate'>,
  lock: Lock,
): Promise<Lock> {
  const restated = { ...lock, request: requestFingerprint(bunnyfile.value) };
  const cache = MetadataCache.of(store);
  for (const target of lock.targets) {
    if (!cache.knowsTarget(targetText(lock, target, gate))) continue;
    await cache.rememberTarget(targetText(restated, target, gate));
  }
  return restated;
}
