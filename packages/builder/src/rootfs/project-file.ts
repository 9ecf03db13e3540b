import { readlinkSync } from 'node:fs';
import { join, posix } from 'node:path';
import { HeldDirectory } from 'bunny-libos-oci';
import { BunnyError, type Position } from 'bunny-libos-spec';
import type { NamedPath } from 'bunny-libos-tooling';

/** A path that a Bunnyfile names. As in nubificus/bunny, one that begins with a slash begins in its directory. */
export function namedByBunnyfile(directory: string, path: string, where: Position | string): NamedPath {
  return { directory, path: path.replace(/^\/+/, ''), where };
}

/**
 * The bytes of a regular file of a project, opened when they are asked for. No link is followed to it. Throws
 * BUNNY_EROOTFS where there is none by then.
 */
export async function* projectFileContent(directory: string, path: string): AsyncGenerator<Uint8Array> {
  const file = inProject(directory, path, (root) => root.fileBelow(path, { limit: Number.MAX_SAFE_INTEGER }));
  try {
    yield* file.pieces();
  } finally {
    file.close();
  }
}

/** Where a link of a project leads, as bytes. No other link is followed to it. Throws as `projectFileContent`. */
export async function* projectLinkTarget(directory: string, path: string): AsyncGenerator<Uint8Array> {
  yield inProject(directory, path, (root) => {
    const above = root.below(posix.dirname(path));
    try {
      return readlinkSync(`${above.place}/${posix.basename(path)}`, { encoding: 'buffer' });
    } finally {
      above.close();
    }
  });
}

/** What is told where something was there and is another thing, or gone. */
const changes: ReadonlySet<unknown> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EINVAL',
  'BUNNY_EPATH',
  'BUNNY_ENOFILE',
]);

function inProject<T>(directory: string, path: string, open: (root: HeldDirectory) => T): T {
  const root = HeldDirectory.open(directory);
  try {
    return open(root);
  } catch (error) {
    if (!changes.has((error as { code?: unknown }).code)) throw error;
    throw changedMeanwhile(path, join(directory, path));
  } finally {
    root.close();
  }
}

/** The error for what became another file while it was read. */
export function changedMeanwhile(path: string, where: Position | string): BunnyError {
  return new BunnyError('BUNNY_EROOTFS', `${path} was changed while it was packed`, {
    where,
    hint: 'build again when nothing writes to it',
  });
}
