import type { BuildRequest } from 'bunny-libos-builder';
import type { Store } from 'bunny-libos-oci';
import type { LockedTarget } from 'bunny-libos-spec';
import type { Project } from './workspace.js';

/** What a message may name beyond the closure, looked up by code that is loaded only where a build fails. */
export function laterDefiners(
  project: Project,
  target: LockedTarget,
  store: Store,
  signal: AbortSignal,
): Pick<Required<BuildRequest>, 'definers' | 'formerDefiners'> {
  const load = () => import('./symbol-definers.js');
  return {
    definers: async (names, kind) =>
      (await load()).publishedDefiners(project, target, store, signal)(names, kind),
    formerDefiners: async (symbols) =>
      (await load()).earlierDefiners(project, target, store, signal)(symbols),
  };
}
