import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';

/** As many links as Linux follows on one way. */
const mostLinks = 40;

/**
 * The first place on the way to a path, its links followed, at which somebody else than this user and root may put
 * something else: a directory or link of theirs, or a directory that they may write to and that is not sticky (the last
 * one: at all). Undefined where there is none, as far as the path exists.
 */
export function openToOthers(target: string): string | undefined {
  // Elsewhere permissions are of another kind.
  if (process.getuid === undefined) return undefined;
  let at = path.parse(path.resolve(target)).root;
  const ahead = partsOf(path.resolve(target));
  for (let links = 0; ahead.length > 0; ) {
    const name = ahead.pop() ?? '';
    const next = path.join(at, name);
    const status = lstatSync(next, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (!isTrusted(status.uid)) return next;
    if (status.isSymbolicLink()) {
      if (++links > mostLinks) return next;
      const to = readlinkSync(next);
      if (path.isAbsolute(to)) at = path.parse(to).root;
      for (const part of partsOf(to)) ahead.push(part);
      continue;
    }
    // Of a sticky directory others cannot take away what is not theirs, but add to it.
    const isSticky = (status.mode & 0o1000) !== 0 && ahead.length > 0;
    if (mayBeWritten(status) && !isSticky) return next;
    at = next;
  }
  return undefined;
}

/** The last part first. */
function partsOf(place: string): string[] {
  return place
    .split(path.sep)
    .filter((part) => part !== '' && part !== '.')
    .reverse();
}

/** By others than its owner; root's group is root. */
function mayBeWritten({ mode, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.() || (uid === overflowUser && isPartOfMachine());
}

/** What the kernel shows as owner where a user namespace has no name for the real one. */
const overflowUser = 65_534;

/** Whether this process is in a user namespace that does not have all users of the machine: root is none of them. */
function isPartOfMachine(): boolean {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return false;
  }
}
