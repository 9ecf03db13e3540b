import type { BuildRequest } from 'bunny-libos-builder';
import type { LockedTarget } from 'bunny-libos-spec';
import type { LockRequest } from '../lock/request.js';

/** What a message may name beyond the closure, looked up by code that is loaded only where a build fails. */
export function laterDefiners(
  request: LockRequest,
  target: LockedTarget,
): Pick<Required<BuildRequest>, 'definers' | 'formerDefiners'> {
  const load = () => import('./published-definers.js');
  return {
    definers: async (names, kind) => (await load()).publishedDefiners(request, target)(names, kind),
    formerDefiners: async (symbols) => (await load()).earlierDefiners(request, target)(symbols),
  };
}
