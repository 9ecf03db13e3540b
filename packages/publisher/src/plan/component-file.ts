import { join, posix } from 'node:path';
import { BunnyError, exitStatus, type Position, sha256 } from 'bunny-libos-spec';
import { sizeLimits, withNamedFile } from 'bunny-libos-tooling';
import type { LocalComponent } from './component-directory.js';
import { outsideTree, type SourceFile } from './source-tree.js';

/**
 * The content of a file of a component's source tree: what the layer hash was made from, or nothing. Throws BUNNY_ESOURCE
 * where it is not part of the tree, or is not what it was; BUNNY_EPATH where a link stands on its path by now.
 */
export async function readComponentFile(
  local: Pick<LocalComponent, 'directory' | 'files'>,
  path: string,
  where: Position,
): Promise<Buffer> {
  return await readUnchanged(local, { path, digest: requireInTree(local, path, where) }, where);
}

/** The content of a file whose digest is known. Throws BUNNY_ESOURCE where it is another by now, BUNNY_EPATH. */
export async function readUnchanged(
  { directory }: Pick<LocalComponent, 'directory'>,
  { path, digest }: SourceFile,
  where: Position,
): Promise<Buffer> {
  const changed = () =>
    new BunnyError('BUNNY_ESOURCE', `${path} was changed while it was being published`, {
      where: join(directory, path),
      hint: 'publish again',
      exitStatus: exitStatus.usage,
    });
  const named = { directory, path, where, limit: sizeLimits.object };
  const content = await withNamedFile(named, changed, (file) => file.read());
  if (sha256(content) !== digest) throw changed();
  return content;
}

/** The digest of a file in the source tree. Throws BUNNY_ESOURCE where it is not part of that. */
export function requireInTree(
  { files }: Pick<LocalComponent, 'files'>,
  path: string,
  where: Position,
): string {
  const normal = posix.normalize(path);
  const file = files.find((each) => each.path === normal);
  if (file === undefined) throw outsideTree(path, where);
  return file.digest;
}
