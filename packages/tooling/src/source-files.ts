import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, exitStatus, type Position } from '@bunny/spec';
import { glob } from 'tinyglobby';

/** A glob and where it stands in its document. */
export interface SourcePattern {
  pattern: string;
  at: Position;
}

/**
 * The files that globs name in a directory: relative paths with `/`, sorted by code unit, without
 * duplicates. Symbolic links are not followed, and dot files only where a pattern names the dot.
 * Throws BUNNY_ESOURCE where a pattern matches nothing or leaves the directory.
 */
export async function sourceFiles(
  directory: string,
  patterns: readonly SourcePattern[],
  exclude: readonly string[] = [],
): Promise<string[]> {
  const found = await Promise.all(patterns.map((each) => filesOfPattern(directory, each, exclude)));
  return [...new Set(found.flat())].sort();
}

async function filesOfPattern(
  directory: string,
  { pattern, at }: SourcePattern,
  exclude: readonly string[],
): Promise<string[]> {
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    throw new BunnyError('BUNNY_ESOURCE', `${pattern} leads out of the directory`, {
      where: at,
      hint: 'Name files below the directory of this document.',
      exitStatus: exitStatus.usage,
    });
  }
  const isPlain = !/[*?[\]{}!()]/.test(pattern);
  const files = isPlain ? await plainFile(directory, pattern) : await globFiles(directory, pattern, exclude);
  if (files.length === 0) {
    throw new BunnyError(
      'BUNNY_ESOURCE',
      isPlain ? `there is no file ${pattern}` : `${pattern} matches no file`,
      {
        where: at,
        hint: `Paths are relative to ${directory}.`,
        exitStatus: exitStatus.usage,
      },
    );
  }
  return files;
}

async function plainFile(directory: string, path: string): Promise<string[]> {
  const status = await lstat(join(directory, path)).catch(() => undefined);
  return status?.isFile() ? [path.replace(/^\.\//, '')] : [];
}

function globFiles(directory: string, pattern: string, exclude: readonly string[]): Promise<string[]> {
  return glob(pattern, {
    cwd: directory,
    ignore: [...exclude],
    followSymbolicLinks: false,
    expandDirectories: false,
    onlyFiles: true,
  });
}
