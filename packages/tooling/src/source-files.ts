import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, exitStatus, nearest, type Position } from '@bunny/spec';

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
  const refuse = (summary: string, hint: string) =>
    new BunnyError('BUNNY_ESOURCE', summary, { where: at, hint, exitStatus: exitStatus.usage });
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    throw refuse(`${pattern} leads out of the directory`, 'name files below the directory of this document');
  }
  if (!/[*?[\]{}!()]/.test(pattern)) {
    const path = pattern.replaceAll(/(?:^|(?<=\/))(?:\.?\/)+/g, '');
    if (await isFile(directory, path)) return [path];
    throw refuse(`there is no file ${pattern}`, await hintFor(directory, path));
  }
  const files = await globFiles(directory, pattern, exclude);
  if (files.length > 0) return files;
  throw refuse(`${pattern} matches no file`, `paths are relative to ${directory}`);
}

async function globFiles(directory: string, pattern: string, exclude: readonly string[]): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  const found = await glob(pattern, {
    cwd: directory,
    ignore: [...exclude],
    followSymbolicLinks: false,
    expandDirectories: false,
  });
  // A link that is not followed is listed all the same.
  const real = await Promise.all(found.map((path) => isFile(directory, path)));
  return found.filter((_, index) => real[index]);
}

async function isFile(directory: string, path: string): Promise<boolean> {
  const status = await lstat(join(directory, path)).catch(() => undefined);
  return status?.isFile() ?? false;
}

async function hintFor(directory: string, path: string): Promise<string> {
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const siblings = await readdir(join(directory, parent)).catch(() => []);
  const near = nearest(path.slice(parent.length), siblings).map((name) => `${parent}${name}`);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `paths are relative to ${directory}`;
}
