import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BunnyError, exitStatus, nearest, type Position } from 'bunny-libos-spec';
import { globFiles, LinkFinder } from './glob-files.js';
import { isPattern, plainStart } from './glob-pattern.js';
import { withNamedDirectory } from './named-path.js';

/** A glob and where it stands in its document. */
export interface SourcePattern {
  pattern: string;
  at: Position;
}

export interface SourceFilesOptions {
  /** Globs of what is not meant. */
  exclude?: readonly string[] | undefined;
  /** Tells which of the files that a glob matches are meant; all where left out. */
  takes?: ((path: string) => boolean) | undefined;
  /** A pattern that matches nothing is no error. */
  mayBeEmpty?: boolean | undefined;
}

/**
 * The files that globs name in a directory: relative paths with `/`, sorted by code unit, without
 * duplicates; dot files only where a pattern names the dot.
 * Throws BUNNY_ESOURCE where a pattern matches nothing, leaves the directory, or means a symbolic link: what is
 * behind one is another file elsewhere, and in the sandbox perhaps none.
 */
export async function sourceFiles(
  directory: string,
  patterns: readonly SourcePattern[],
  options: SourceFilesOptions = {},
): Promise<string[]> {
  const links = new LinkFinder(directory);
  const found = new Set<string>();
  // One after the other: each holds directories open, and patterns may be many.
  for (const pattern of patterns) {
    for (const path of await filesOfPattern(directory, pattern, options, links)) found.add(path);
  }
  return [...found].sort();
}

async function filesOfPattern(
  directory: string,
  { pattern, at }: SourcePattern,
  { exclude, takes = () => true, mayBeEmpty = false }: SourceFilesOptions,
  links: LinkFinder,
): Promise<string[]> {
  const refuse = (summary: string, hint: string) =>
    new BunnyError('BUNNY_ESOURCE', summary, { where: at, hint, exitStatus: exitStatus.usage });
  const requireReal = async (path: string) => {
    const link = await links.linkOn(path);
    if (link !== undefined) throw refuse(`${link} is a symbolic link`, linkHint);
  };
  if (pattern.startsWith('/') || pattern.split('/').includes('..')) {
    throw refuse(`${pattern} leads out of the directory`, 'name files below the directory of this document');
  }
  if (!isPattern(pattern)) {
    const path = pattern.replaceAll(/(?:^|(?<=\/))(?:\.?\/)+/g, '');
    await requireReal(path);
    if (await isFile(directory, path)) return [path];
    throw refuse(`there is no file ${pattern}`, await hintFor(directory, path));
  }
  await requireReal(plainStart(pattern));
  const files = await globFiles(directory, [pattern], exclude);
  if (files.length === 0 && !mayBeEmpty) {
    throw refuse(`${pattern} matches no file`, `paths are relative to ${directory}`);
  }
  const taken = files.filter(takes);
  if (taken.length === 0 && files.length > 0 && !mayBeEmpty) {
    const [first = ''] = files.sort();
    const others = files.length === 1 ? '' : `, nor the ${files.length - 1} others`;
    throw refuse(
      `${pattern} matches no source: no language takes ${first}${others}`,
      'correct the pattern, or leave it out',
    );
  }
  for (const path of taken) await requireReal(path);
  return taken;
}

const linkHint = 'put the file itself there, or leave the link out';

/**
 * Throws BUNNY_ESOURCE where there is no directory at one of these relative paths, BUNNY_EPATH where a link stands on one.
 * `at` gives the place of the path with an index in its document.
 */
export async function requireDirectories(
  directory: string,
  paths: readonly string[],
  at: (index: number) => Position,
): Promise<void> {
  for (const [index, path] of paths.entries()) {
    const where = at(index);
    const hint = await hintFor(directory, path);
    const missing = () =>
      new BunnyError('BUNNY_ESOURCE', `there is no directory ${path}`, {
        where,
        hint,
        exitStatus: exitStatus.usage,
      });
    await withNamedDirectory({ directory, path, where }, missing, () => undefined);
  }
}

async function isFile(directory: string, path: string): Promise<boolean> {
  const status = await lstat(join(directory, path)).catch(() => undefined);
  return status?.isFile() ?? false;
}

async function hintFor(directory: string, path: string): Promise<string> {
  const there = await stat(join(directory, path)).catch(() => undefined);
  if (there?.isDirectory()) return `${path} is a directory: name the files in it, as ${path}/* does`;
  if (there !== undefined) return `${path} is a file: name the directory that it is in`;
  const parent = path.slice(0, path.lastIndexOf('/') + 1);
  const siblings = await readdir(join(directory, parent)).catch(() => []);
  const near = nearest(path.slice(parent.length), siblings).map((name) => `${parent}${name}`);
  return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `paths are relative to ${directory}`;
}
