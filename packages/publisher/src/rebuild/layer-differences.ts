import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentSections, ElfError } from 'bunny-libos-elf';
import type { LayerFile } from 'bunny-libos-namespace';
import { HeldDirectory, listTree } from 'bunny-libos-oci';
import { type ComponentConfig, canonicalJson } from 'bunny-libos-spec';

/** A file of a layer that is another when it is built again. */
export interface FileDifference {
  /** Path in the layer. */
  path: string;
  /** `missing`: only the published layer has it; `added`: only what was built; `mode`: only one can be run. */
  what: 'changed' | 'missing' | 'added' | 'mode';
  /** Of an ELF object that is changed: the sections that differ. Empty where what differs is in none. */
  sections?: readonly string[] | undefined;
}

/** What differs between a published layer, unpacked in a directory, and the files of one that was built; sorted by path. */
export function layerDifferences(directory: string, built: readonly LayerFile[]): FileDifference[] {
  const files = new Map(built.map((file) => [file.path, file]));
  const published = filesIn(directory);
  const paths = [...new Set([...published.keys(), ...files.keys()])].sort();
  return paths.flatMap((path): FileDifference[] => {
    const file = files.get(path);
    const mode = published.get(path);
    if (file === undefined) return [{ path, what: 'missing' }];
    if (mode === undefined) return [{ path, what: 'added' }];
    const content = readFileSync(join(directory, path));
    if (Buffer.compare(content, file.content) !== 0) {
      return [{ path, what: 'changed', sections: sectionsOf(content, file.content) }];
    }
    const isSame = ((mode & 0o111) !== 0) === (((file.mode ?? 0) & 0o111) !== 0);
    return isSame ? [] : [{ path, what: 'mode' }];
  });
}

/** Undefined for what is no object. */
function sectionsOf(left: Uint8Array, right: Uint8Array): string[] | undefined {
  try {
    return differentSections(left, right);
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

/** Path -> mode of each file below a directory in which nobody else writes. */
function filesIn(directory: string): Map<string, number> {
  const held = HeldDirectory.open(directory);
  try {
    const files = listTree(held).filter(({ kind }) => kind === 'file');
    return new Map(files.map(({ path, status }) => [path, status.mode]));
  } finally {
    held.close();
  }
}

/** What follows from the sources, and is in no layer. What else is said of a component may be put in other words. */
const derived = ['abi', 'objects', 'headers', 'scripts', 'files', 'builtWith'] as const;

/** The parts of what is published of a layer that come out as others. */
export function metadataDifferences(published: ComponentConfig, built: ComponentConfig): string[] {
  const text = (value: unknown) => (value === undefined ? '' : canonicalJson(value));
  return derived.filter((part) => text(published[part]) !== text(built[part]));
}
