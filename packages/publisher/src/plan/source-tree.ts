import { join } from 'node:path';
import { Pool } from 'bunny-libos-oci';
import {
  BunnyError,
  type Component,
  canonicalJson,
  exitStatus,
  type Position,
  present,
  sha256,
} from 'bunny-libos-spec';
import { fileDigest, globFiles, LinkFinder, withNamedFile } from 'bunny-libos-tooling';

/** Name of the document that makes a directory a component. */
export const componentFile = 'component.yaml';

/** One file of a component's source tree. */
export interface SourceFile {
  /** Relative to the component's directory, with `/`. */
  path: string;
  digest: string;
}

/**
 * The files that a component is made from: everything below its directory but `component.yaml`, dot
 * files, what `exclude` names, and directories that are components themselves. Sorted by path.
 * Throws BUNNY_ESOURCE where one is a symbolic link, which would be another file elsewhere.
 */
export async function readSourceTree(directory: string, exclude: readonly string[]): Promise<SourceFile[]> {
  const nested = await globFiles(directory, [`*/**/${componentFile}`]);
  const below = nested.map((document) => `${document.slice(0, -componentFile.length)}**`);
  const paths = await globFiles(directory, ['**/*'], [componentFile, ...exclude, ...below]);
  const links = new LinkFinder(directory);
  const pool = new Pool(openAtOnce);
  const digestOf = async (path: string): Promise<SourceFile> => {
    const where = join(directory, path);
    const refuse = (what: string, hint: string) =>
      new BunnyError('BUNNY_ESOURCE', what, { where, hint, exitStatus: exitStatus.usage });
    if ((await links.linkOn(path)) !== undefined) {
      throw refuse(
        `${path} is a symbolic link`,
        'put the file itself into the component, or name the link in `exclude`',
      );
    }
    const gone = () => refuse(`${path} was removed while it was being published`, 'publish again');
    const digest = await withNamedFile({ directory, path, where }, gone, ({ place }) => fileDigest(place));
    return { path, digest };
  };
  return await Promise.all(paths.sort().map((path) => pool.run(() => digestOf(path))));
}

/** Files of one tree that are open at a time. */
const openAtOnce = 16;

/**
 * The error for a file that the layer hash does not know of, which could change under a published version. `subject` is the
 * file, or what is done with it: `a.c includes b.h, which`.
 */
export function outsideTree(subject: string, where: Position | string): BunnyError {
  return new BunnyError('BUNNY_ESOURCE', `${subject} is not part of the component’s source tree`, {
    where,
    hint: 'what the top-level `exclude` names, dot files and directories of other components are not: put it into the tree, or do without it',
    exitStatus: exitStatus.usage,
  });
}

/**
 * The digest of a source tree: of every file, and of what `component.yaml` says of how they are compiled.
 * Descriptions and the matrix are not part of it, so that adding a row leaves published variants as they are.
 */
export function sourceDigest(component: Component, files: readonly SourceFile[]): string {
  const { sources, objects, defines, flags, scripts, options } = component;
  const macros = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, option.define ?? null]),
  );
  // Written as before there was more to say, so that what does not say it keeps its hash.
  const include = component.include.map(({ directory, ...chosen }) =>
    Object.keys(chosen).length === 0 ? directory : { directory, ...chosen },
  );
  const words = present({ flags: flags.length === 0 ? undefined : flags, files: component.files });
  return sha256(
    canonicalJson({
      build: { sources, objects, include, defines, ...words, scripts, macros },
      files: Object.fromEntries(files.map(({ path, digest }) => [path, digest])),
    }),
  );
}
