import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, exitStatus, nearest, type Position } from '@bunny/spec';
import { canMatchBelow, type Glob, isPlainPath, matchesGlob, parseGlob } from './glob.js';

/** A glob and where it stands in its document. */
export interface SourcePattern {
  pattern: string;
  at: Position;
}

/**
 * The files that globs name in a directory: relative paths with `/`, sorted by code unit, without
 * duplicates. Symbolic links are not followed, and dot files only where a pattern names the dot.
 * Throws BUNNY_ESOURCE where a pattern matches nothing, cannot be read, or leaves the directory.
 */
export async function sourceFiles(
  directory: string,
  patterns: readonly SourcePattern[],
  exclude: readonly string[] = [],
): Promise<string[]> {
  const excluded = exclude.map(parseGlob);
  const found = await Promise.all(patterns.map((each) => filesOfPattern(directory, each, excluded)));
  return [...new Set(found.flat())].sort();
}

async function filesOfPattern(
  directory: string,
  { pattern, at }: SourcePattern,
  excluded: readonly Glob[],
): Promise<string[]> {
  const refuse = (summary: string, hint: string) =>
    new BunnyError('BUNNY_ESOURCE', summary, { where: at, hint, exitStatus: exitStatus.usage });
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    throw refuse(`${pattern} leads out of the directory`, 'Name files below the directory of this document.');
  }
  if (isPlainPath(pattern)) {
    const path = pattern.replaceAll(/(?:^|(?<=\/))(?:\.?\/)+/g, '');
    const status = await lstat(join(directory, path)).catch(() => undefined);
    if (status?.isFile()) return [path];
    throw refuse(`there is no file ${pattern}`, await hintFor(directory, path));
  }
  const files = await filesBelow(directory, '', readGlob(pattern, refuse), excluded);
  if (files.length > 0) return files;
  throw refuse(`${pattern} matches no file`, `paths are relative to ${directory}`);
}

function readGlob(pattern: string, refuse: (summary: string, hint: string) => BunnyError): Glob {
  try {
    return parseGlob(pattern);
  } catch (error) {
    if (error instanceof RangeError) throw refuse(error.message, 'Write several patterns.');
    throw error;
  }
}

async function hintFor(directory: string, path: string): Promise<string> {
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const siblings = await readdir(join(directory, parent)).catch(() => []);
  const near = nearest(path.slice(parent.length), siblings).map((name) => `${parent}${name}`);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `paths are relative to ${directory}`;
}

/** Walks only into directories below which the glob can match something. */
async function filesBelow(
  root: string,
  directory: string,
  glob: Glob,
  excluded: readonly Glob[],
): Promise<string[]> {
  const entries: Dirent[] = await readdir(join(root, directory), { withFileTypes: true }).catch(() => []);
  const lists = entries.map((entry) => {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    if (excluded.some((each) => matchesGlob(each, path))) return [];
    if (entry.isDirectory()) return canMatchBelow(glob, path) ? filesBelow(root, path, glob, excluded) : [];
    return entry.isFile() && matchesGlob(glob, path) ? [path] : [];
  });
  return (await Promise.all(lists)).flat();
}
