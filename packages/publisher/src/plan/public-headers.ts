import { join } from 'node:path';
import { BunnyError, byText, type FileRecord, type HeaderDirectory, holds } from 'bunny-libos-spec';
import { sourceFiles } from 'bunny-libos-tooling';
import type { LocalComponent } from './component-directory.js';
import { readUnchanged } from './component-file.js';
import type { LocalVariant } from './local-variant.js';
import { outsideTree } from './source-tree.js';

/** A public header: where it is on disk, and how others include it. */
export interface PublicHeader extends FileRecord {
  /** Relative to the component's directory. */
  source: string;
}

/** How others include a header. */
export function publicHeaderName({ path }: Pick<PublicHeader, 'path'>): string {
  return path.slice('include/'.length);
}

/** The content of a header. Throws BUNNY_ESOURCE where it is no longer what the layer hash was made from. */
export async function readHeader(local: LocalComponent, header: PublicHeader): Promise<Buffer> {
  const { source: path, digest } = header;
  return await readUnchanged(local, { path, digest }, local.document.at(['include']));
}

/** The directories of public headers that a variant has, relative to the component's, in the order of search. */
export function headerDirectories(variant: LocalVariant): string[] {
  return declaredIn(variant).map(({ declared }) => declared.directory);
}

/**
 * The public headers of a variant, by their path in the layer (`include/…`), sorted. Several include
 * directories become one. Throws BUNNY_EDUPLICATE where two of them hold the same name, BUNNY_ESOURCE where a
 * header that is named is not there.
 */
export async function publicHeaders(variant: LocalVariant): Promise<PublicHeader[]> {
  const { local } = variant;
  const headers = new Map<string, PublicHeader>();
  for (const { declared, index } of declaredIn(variant)) {
    const { directory } = declared;
    const isPublic = await chosenIn(variant, declared, index);
    const prefix = directory === '.' ? '' : `${directory}/`;
    for (const file of local.files) {
      if (!file.path.startsWith(prefix) || !isPublic(file.path.slice(prefix.length))) continue;
      const path = `include/${file.path.slice(prefix.length)}`;
      const other = headers.get(path);
      if (other !== undefined && other.source !== file.path) {
        throw new BunnyError(
          'BUNNY_EDUPLICATE',
          `two headers would be included as ${publicHeaderName({ path })}`,
          {
            where: local.document.at(['include', index]),
            details: [other.source, file.path],
            hint: 'rename one of them, or choose with `files` which are public',
          },
        );
      }
      headers.set(path, { path, digest: file.digest, source: file.path });
    }
  }
  return [...headers.values()].sort(byText(({ path }) => path));
}

function declaredIn({ local, identity }: LocalVariant): { declared: HeaderDirectory; index: number }[] {
  const facts = { ...identity.settings, ...identity.options };
  return local.document.value.include
    .map((declared, index) => ({ declared, index }))
    .filter(({ declared: { when } }) => holds(when, facts));
}

/** Tells of paths in a directory of headers which are public. */
async function chosenIn(
  { local }: LocalVariant,
  { directory, files }: HeaderDirectory,
  index: number,
): Promise<(path: string) => boolean> {
  if (files === undefined) return () => true;
  const at = local.document.at(['include', index, 'files']);
  const patterns = files.map((pattern) => ({ pattern, at }));
  const chosen = new Set(await sourceFiles(join(local.directory, directory), patterns));
  const tree = new Set(local.files.map(({ path }) => path));
  for (const path of chosen) {
    if (!tree.has(directory === '.' ? path : `${directory}/${path}`)) throw outsideTree(path, at);
  }
  return (path) => chosen.has(path);
}
