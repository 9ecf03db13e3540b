import type { Monitor, Template } from 'bunny-libos-spec';
import { usedNames } from './template.js';

/** What a monitor may be told beside the image. */
export type MonitorInput = 'rootfs' | 'arguments' | 'memory';

/**
 * Whether the commands of a monitor pass something on: what they do not name is lost without a word. `where` is for
 * messages. Throws BUNNY_ETEMPLATE.
 */
export function monitorTakes(
  { command, rootfs, arguments: words }: Monitor,
  input: MonitorInput,
  variables: ReadonlyMap<string, Template>,
  where: string,
): boolean {
  const templates = { rootfs: [command, rootfs], arguments: [command, words], memory: [command] }[input];
  return templates.some((template) => usedNames(template, variables, where).has(input));
}
