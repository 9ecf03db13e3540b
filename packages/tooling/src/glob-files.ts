import { type Dirent, readdir } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files and the symbolic links, to whatever they lead, that globs name below a directory: relative paths
 * with `/`, in no order. Links are not followed below the first blank of a pattern, and dot files are listed only
 * where a pattern names the dot.
 */
export async function globFiles(
  directory: string,
  patterns: readonly string[],
  ignore: readonly string[] = [],
): Promise<string[]> {
  const { glob } = await import('tinyglobby');
  return await glob([...patterns], {
    cwd: directory,
    ignore: [...ignore],
    followSymbolicLinks: false,
    expandDirectories: false,
    // Else links that are not followed would be left out as if they were not there.
    fs: { readdir: readdirWithLinks as typeof readdir },
  });
}

type Listed = (error: NodeJS.ErrnoException | null, entries?: Dirent[]) => void;

function readdirWithLinks(path: string, options: { withFileTypes: true }, done: Listed): void {
  readdir(path, options, (error, entries) => {
    if (error === null) done(null, entries.map(linkAsFile));
    else done(error);
  });
}

function linkAsFile(entry: Dirent): Dirent {
  return entry.isSymbolicLink() ? Object.assign(Object.create(entry), { isFile: () => true }) : entry;
}

/** Tells of paths in one directory whether they are symbolic links, or lead through one. */
export class LinkFinder {
  readonly #directory: string;
  readonly #known = new Map<string, Promise<boolean>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The first part of a relative path that is a symbolic link; undefined where none is. */
  async linkOn(path: string): Promise<string | undefined> {
    const steps = path.split('/');
    for (const index of steps.keys()) {
      const part = steps.slice(0, index + 1).join('/');
      if (await this.#isLink(part)) return part;
    }
    return undefined;
  }

  #isLink(path: string): Promise<boolean> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const found = lstat(join(this.#directory, path)).then(
      (status) => status.isSymbolicLink(),
      () => false,
    );
    this.#known.set(path, found);
    return found;
  }
}
