import { isRelativePath } from 'bunny-libos-spec';

/** Letters and digits of any language; no `~`, by which short names of Windows are written, and no `:`. */
const part = /^[\p{L}\p{N}_+@=$-](?:[\p{L}\p{M}\p{N} ._+@=$,-]*[\p{L}\p{M}\p{N}_+@=$,-])?$/u;

/**
 * Why a template of an app may not write to a path, or undefined where it may. Templates come from registries, and what a
 * shell, an editor or a version control system obeys has a name that begins with a dot (`.git/hooks`, `.envrc`,
 * `.npmrc`). What a case-insensitive file system, or one that drops dots and blanks at the end, takes for such a
 * name is refused with it.
 */
export function templatePathFault(path: string): string | undefined {
  const parts = path.split('/');
  if (!isRelativePath(path) || parts.includes('') || parts.includes('.')) {
    return 'is not a path below the directory of the app';
  }
  const names = parts.at(-1) === '.gitignore' ? parts.slice(0, -1) : parts;
  if (names.some((name) => name.startsWith('.'))) {
    return 'has a name that begins with a dot, which other tools may obey';
  }
  // A directory with such a file, `config`, `objects` and `refs` is a repository to git, which runs what its `config` says.
  if (names.some((name) => name.toLowerCase() === 'head')) return 'would make a directory a git repository';
  if (!names.every((name) => part.test(name))) return 'has a name that not every file system keeps as it is';
  return undefined;
}

/**
 * Two paths of a template of which one file system or another can only have one: they differ in nothing but case or the way
 * in which letters with marks are written, or one is a directory of the other.
 */
export function clashingPaths(paths: Iterable<string>): readonly [string, string] | undefined {
  const files = new Map<string, string>();
  const above = new Map<string, string>();
  for (const path of paths) {
    const parts = path.normalize('NFC').toLowerCase().split('/');
    const file = parts.join('/');
    const other = files.get(file) ?? above.get(file);
    if (other !== undefined) return [other, path];
    files.set(file, path);
    const written = path.normalize('NFC').split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const directory = parts.slice(0, depth).join('/');
      const first = above.get(directory);
      const file = files.get(directory);
      if (file !== undefined) return [file, path];
      // `Src/a` and `src/b`: one directory on some file systems and two on others.
      if (
        first !== undefined &&
        !first.normalize('NFC').startsWith(`${written.slice(0, depth).join('/')}/`)
      ) {
        return [first, path];
      }
      above.set(directory, path);
    }
  }
  return undefined;
}
