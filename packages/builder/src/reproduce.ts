import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { makeTemporary, removeTree } from 'bunny-libos-oci';
import { BunnyError } from 'bunny-libos-spec';
import { type BuildResult, build } from './build.js';
import type { BuildRequest } from './plan/build-request.js';

/** A file that came out as other bytes. */
interface Difference {
  /** Its name, as it was built first. */
  name: string;
  first: string;
  again: string;
}

/**
 * Builds once more from a copy of the project at another path, with nothing of the first build, and compares all files that
 * it wrote: artifacts, root file system, build record and sizes. Returns their names. Throws BUNNY_EREPRODUCE where some differ,
 * and as `build` does.
 */
export async function requireReproducible(request: BuildRequest, result: BuildResult): Promise<string[]> {
  const place = await makeTemporary('bunny-again-');
  try {
    const directory = join(place, 'elsewhere', basename(request.directory));
    const built = join(request.directory, 'build');
    await cp(request.directory, directory, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => relative(built, path) !== '',
    });
    const { output: _, ...rest } = request;
    const again = await build({ ...rest, directory, onProgress: undefined });
    const differences: Difference[] = [];
    for (const [kind, path] of Object.entries(result.files)) {
      const [first, second] = await Promise.all([digest(path), digest(again.files[kind])]);
      if (first !== second) differences.push({ name: basename(path), first, again: second });
    }
    if (differences.length > 0) throw notReproducible(differences, request.directory);
    return Object.values(result.files).map((path) => basename(path));
  } finally {
    await removeTree(place);
  }
}

async function digest(path: string | undefined): Promise<string> {
  if (path === undefined) return 'nothing';
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

function notReproducible(differences: readonly Difference[], directory: string): BunnyError {
  return new BunnyError('BUNNY_EREPRODUCE', 'built again elsewhere, the image has different bytes', {
    where: directory,
    details: differences.flatMap(({ name, first, again }) => [name, `  first ${first}`, `  again ${again}`]),
    hint: 'look for what differs between two builds: times of files (__TIMESTAMP__), paths, generators that number things',
  });
}
