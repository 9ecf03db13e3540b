import { posix } from 'node:path';
import { HeldDirectory, type HeldFile, OciError } from 'bunny-libos-oci';
import { BunnyError, exitStatus, type Position } from 'bunny-libos-spec';
import { sizeLimits } from '../work/size-limits.js';

/** A path that a document names. */
export interface NamedPath {
  /** Directory of the document, absolute. */
  directory: string;
  /** As the document has it: relative to that directory. */
  path: string;
  /** Where the document names it. */
  where: Position | string;
  /** Bytes that a file may have: as many as an image where left out. */
  limit?: number | undefined;
}

/**
 * Has `action` read the regular file that a document names: that one, whatever is put in its place meanwhile. Nothing that
 * a document names leads out of its directory, neither by `..` nor by a link, on whatever part of the path: whoever
 * wrote the document need not be who runs Bunny. Throws BUNNY_EPATH, BUNNY_ELIMIT for a file that is larger than anybody
 * has a use for (of holes alone, it costs who sends it nothing), and what `missing` gives where there is no such file.
 */
export async function withNamedFile<T>(
  named: NamedPath,
  missing: () => BunnyError,
  action: (file: HeldFile) => T | Promise<T>,
): Promise<T> {
  if (posix.normalize(named.path) === '.') throw missing();
  const { limit = sizeLimits.image } = named;
  const file = open(named, missing, (root) => root.fileBelow(named.path, { limit }));
  try {
    return await action(file);
  } finally {
    file.close();
  }
}

/** Has `action` work in the directory that a document names. Throws as `withNamedFile`. */
export async function withNamedDirectory<T>(
  named: NamedPath,
  missing: () => BunnyError,
  action: (directory: HeldDirectory) => T | Promise<T>,
): Promise<T> {
  const directory = open(named, missing, (root) => root.below(named.path));
  try {
    return await action(directory);
  } finally {
    directory.close();
  }
}

function open<T>(named: NamedPath, missing: () => BunnyError, hold: (root: HeldDirectory) => T): T {
  const { directory, path, where } = named;
  if (posix.isAbsolute(path) || path.split('/').includes('..')) {
    throw new BunnyError('BUNNY_EPATH', `${path} leads out of the directory of the document`, {
      where,
      hint: 'put what it names below the directory of the document',
      exitStatus: exitStatus.usage,
    });
  }
  const root = HeldDirectory.open(directory);
  try {
    return hold(root);
  } catch (error) {
    throw asNamedFailure(error, named, missing);
  } finally {
    root.close();
  }
}

function asNamedFailure(error: unknown, { path, where }: NamedPath, missing: () => BunnyError): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'BUNNY_ENOFILE') return missing();
  if (!(error instanceof OciError) || error.code !== 'BUNNY_EPATH') return error;
  return new BunnyError('BUNNY_EPATH', `${path} leads over a link`, {
    where,
    details: error.where === undefined ? undefined : [`the link is ${error.where}`],
    hint: 'links may lead anywhere, and are not followed: put the file itself there, or name what the link leads to',
    cause: error,
    exitStatus: exitStatus.usage,
  });
}
