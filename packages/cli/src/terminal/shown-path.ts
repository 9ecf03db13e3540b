import { relative } from 'node:path';

/** A path as the user would write it from where they are. */
export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
