import type { Stats } from 'node:fs';
import { OciError } from '../content/errors.js';
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
    const names = directory.list();
    requireUtf8Names(directory, names);
    for (const name of names) {
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

/** Throws BUNNY_EPATH where one of these names is what a name in the directory that is not UTF-8 looks like. */
export function requireUtf8Names(directory: HeldDirectory, names: readonly string[]): void {
  const odd = names.filter((name) => name.includes('\uFFFD'));
  if (odd.length === 0) return;
  for (const bytes of directory.listBytes()) {
    const text = bytes.toString();
    if (odd.includes(text) && !Buffer.from(text).equals(bytes)) throw notUtf8(directory.path, bytes);
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
