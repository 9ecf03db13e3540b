import type { Project } from 'bunny-libos-project';
import type { Terminal } from '../terminal/terminal.js';

/** True for a Bunnyfile that packages a prebuilt kernel, after saying that this leaves a command nothing to do. */
export function needsNoLayers({ document }: Project, terminal: Terminal, done: string): boolean {
  if (document.value.kernel === undefined) return false;
  terminal.done(done, 'nothing: a prebuilt kernel needs no layers');
  return true;
}
