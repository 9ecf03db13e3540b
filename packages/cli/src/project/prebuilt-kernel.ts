import { BunnyError } from 'bunny-libos-spec';
import type { Terminal } from '../terminal/terminal.js';
import type { Project } from './workspace.js';

/** True for a Bunnyfile that packages a prebuilt kernel, after saying that this leaves a command nothing to do. */
export function needsNoLayers({ document }: Project, terminal: Terminal, done: string): boolean {
  if (document.value.kernel === undefined) return false;
  terminal.done(done, 'nothing: a prebuilt kernel needs no layers');
  return true;
}

/** Refuses to change what a prebuilt kernel depends on. Throws BUNNY_EEDIT. */
export function refusePrebuilt({ document }: Project): void {
  if (document.value.kernel === undefined) return;
  throw new BunnyError('BUNNY_EEDIT', 'a prebuilt kernel needs no layers: dependencies do nothing for it', {
    where: document.keyAt(['kernel']),
    hint: 'put `app` in the place of `kernel` to compile an app',
  });
}
