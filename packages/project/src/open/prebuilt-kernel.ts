import { BunnyError } from 'bunny-libos-spec';
import type { Project } from './project.js';

/** Refuses to change what a prebuilt kernel depends on. Throws BUNNY_EEDIT. */
export function refusePrebuilt({ document }: Project): void {
  if (document.value.kernel === undefined) return;
  throw new BunnyError('BUNNY_EEDIT', 'a prebuilt kernel needs no layers: dependencies do nothing for it', {
    where: document.keyAt(['kernel']),
    hint: 'replace `kernel` with `app` to compile an app',
  });
}
