import { readdirSync, type Stats } from 'node:fs';
import { OciError } from './errors.js';
import type { HeldDirectory } from './held-directory.js';

/** What stands in a directory, or below it. */
export interface TreeEntry {
  /** From the directory on, `/` between parts. */
  path: string;
  kind: 'file' | 'symlink' | 'directory' | 'other';
  /** Of a link, its own. */
  status: Stats;
}

/**
 * Everything below a directory, in no order; links are listed, not followed. Throws BUNNY_EPATH for a name that is not
 * UTF-8: read as text it would be another one.
 */
export function listTree(root: HeldDirectory): TreeEntry[] {
  const found: TreeEntry[] = [];
  const list = (directory: HeldDirectory, prefix: string) => {
    for (const name of utf8Names(directory)) {
      const status = directory.status(name);
      // Gone since it was listed.
      if (status === undefined) continue;
      const kind = kindOf(status);
      found.push({ path: `${prefix}${name}`, kind, status });
      if (kind !== 'directory') continue;
      const below = directory.enter(name);
      try {
        list(below, `${prefix}${name}/`);
      } finally {
        below.close();
      }
    }
  };
  list(root, '');
  return found;
}

/** Names of all that is in a directory, in no order. Throws BUNNY_EPATH for one that is not UTF-8. */
function utf8Names(directory: HeldDirectory): string[] {
  const names = readdirSync(`${directory.place}/`);
  if (names.some((name) => name.includes('\uFFFD'))) requireUtf8(directory);
  return names;
}

function requireUtf8(directory: HeldDirectory): void {
  for (const bytes of readdirSync(`${directory.place}/`, { encoding: 'buffer' })) {
    if (!Buffer.from(bytes.toString()).equals(bytes)) throw notUtf8(directory.path, bytes);
  }
}

/** The error for a file name that no document could write. */
export function notUtf8(directory: string, name: Buffer): OciError {
  return new OciError('BUNNY_EPATH', 'the name of a file is not UTF-8', {
    where: directory,
    details: [`as it is there: ${[...name].map(escaped).join('')}`],
    hint: 'rename it: only a name in UTF-8 is the same on every machine',
    exitStatus: 2,
  });
}

/** As `$'…'` of a shell takes it. */
function escaped(byte: number): string {
  const isPlain = byte > 0x20 && byte < 0x7f && byte !== 0x27 && byte !== 0x5c;
  return isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

function kindOf(status: Stats): TreeEntry['kind'] {
  if (status.isFile()) return 'file';
  if (status.isSymbolicLink()) return 'symlink';
  return status.isDirectory() ? 'directory' : 'other';
}
