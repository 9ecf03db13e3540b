import { utimes } from 'node:fs/promises';

/** How exactly times of use are kept: telling them costs a write. Milliseconds. */
const grain = 24 * 60 * 60 * 1000;

/**
 * Sets the time of a file or directory to now where `modified`, its own (milliseconds since 1970), is
 * more than a day ago.
 */
export async function markUsed(file: string, modified: number): Promise<void> {
  const now = Date.now();
  if (now - modified <= grain) return;
  // Gone, or not ours: then its age is for somebody else to judge.
  await utimes(file, now / 1000, now / 1000).catch(() => undefined);
}
