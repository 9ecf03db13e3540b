import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, parseStrictJson } from 'bunny-libos-oci';
import { BunnyError, exitStatus, systemError } from 'bunny-libos-spec';
import { type Advisory, readAdvisory } from './osv.js';

/** Bytes of one file: what OSV gives of a whole ecosystem as one. */
const largestFile = 256 * 1024 * 1024;

/**
 * Reads advisories in OSV format: of a file, which holds one or a list of them, or of all files of a directory that end in
 * `.json`, below it too. Throws BUNNY_EMETADATA for a file that holds something else, BUNNY_ENOFILE, and what reading throws: an
 * advisory that cannot be read must not look like none.
 */
export function readAdvisories(paths: readonly string[]): Advisory[] {
  const found = new Map<string, Advisory>();
  for (const file of paths.flatMap(filesOf)) {
    const value = parse(file);
    for (const each of Array.isArray(value) ? value : [value]) {
      const advisory = readAdvisory(each);
      if (advisory === undefined) throw noAdvisory(file);
      if (!advisory.isWithdrawn) found.set(advisory.id, advisory);
    }
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function filesOf(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const entries: Dirent[] = readdirSync(path, { withFileTypes: true });
    return entries
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const below = join(path, entry.name);
        if (entry.isDirectory()) return filesOf(below);
        return entry.isFile() && entry.name.endsWith('.json') ? [below] : [];
      });
  } catch (error) {
    throw missing(path, error);
  }
}

function parse(file: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw missing(file, error);
  }
  return parseStrictJson(bytes, file, { size: largestFile });
}

function missing(path: string, error: unknown): unknown {
  if (codeOf(error) !== 'ENOENT') return systemError(error) ?? error;
  return new BunnyError('BUNNY_ENOFILE', `there is no ${path}`, {
    where: '--db',
    hint: 'name a file in OSV format, or a directory of them',
    exitStatus: exitStatus.usage,
  });
}

function noAdvisory(file: string): BunnyError {
  return new BunnyError('BUNNY_EMETADATA', 'this is no advisory in OSV format', {
    where: file,
    hint: 'it needs `id` and `affected`: https://ossf.github.io/osv-schema/',
    exitStatus: exitStatus.usage,
  });
}
