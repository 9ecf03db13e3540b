import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { BunnyError, exitStatus, formatPosition, holds, type Position, type Scalar } from 'bunny-libos-spec';
import { globFiles, type SourcePattern, sourceFiles } from 'bunny-libos-tooling';
import type { LocalComponent } from './component-directory.js';
import { requireInTree } from './component-file.js';
import type { LocalVariant } from './local-variant.js';
import { outsideTree } from './source-tree.js';

/** A file that a variant is compiled from, and what the compiler is told for it. */
export interface SelectedSource {
  /** Relative to the component's directory. */
  path: string;
  /** Directories of private headers, relative to the component's directory, in the order of search. */
  include: readonly string[];
  /** Macros of the component, of its options, and of the entries of `sources` that are about the file. */
  defines: Readonly<Record<string, Scalar>>;
  flags: readonly string[];
  /** The entries of `sources` that are about the file, by their index. */
  entries: readonly number[];
}

/** The files that a variant is made from, sorted by path. */
export interface SelectedFiles {
  sources: readonly SelectedSource[];
  prebuilt: readonly string[];
}

/**
 * Finds the files that a variant is made from, and what the compiler is told for each: what the component says of all,
 * then what the entries of `sources` say that are about the file, in their order. Throws BUNNY_ESOURCE where a file
 * that is named is not there or not part of the source tree, and where an `exclude` leaves out nothing; BUNNY_EDUPLICATE
 * where two entries give a macro of one file different values.
 */
export async function selectFiles(variant: LocalVariant): Promise<SelectedFiles> {
  const { local, identity } = variant;
  const { sources, objects } = local.document.value;
  const facts = { ...identity.settings, ...identity.options };
  const named = new Map<number, ReadonlySet<string>>();
  for (const [index, entry] of sources.entries()) {
    if (entry.files === undefined || !holds(entry.when, facts)) continue;
    named.set(index, await filesOfEntry(local, ['sources', index], entry.files, entry.exclude));
  }
  const prebuilt = new Set<string>();
  for (const [index, { files, exclude, when }] of objects.entries()) {
    if (!holds(when, facts)) continue;
    for (const path of await filesOfEntry(local, ['objects', index], files, exclude)) prebuilt.add(path);
  }
  requireScripts(local, facts);
  const about = (path: string) =>
    [...sources.keys()].filter((index) => {
      const entry = sources[index];
      return entry?.files === undefined ? holds(entry?.when, facts) : named.get(index)?.has(path);
    });
  const paths = [...new Set([...named.values()].flatMap((files) => [...files]))].sort();
  return {
    sources: paths.map((path) => selected(variant, path, about(path))),
    prebuilt: [...prebuilt].sort(),
  };
}

/** Linker scripts are part of the layer, and so of the source tree. */
function requireScripts(local: LocalComponent, facts: Readonly<Record<string, Scalar>>): void {
  for (const [index, { file, when }] of local.document.value.scripts.entries()) {
    if (!holds(when, facts)) continue;
    const where = local.document.at(['scripts', index]);
    if (!isThere(local, file)) {
      throw new BunnyError('BUNNY_ESOURCE', `there is no linker script ${file}`, {
        where,
        hint: `paths are relative to ${local.directory}`,
        exitStatus: exitStatus.usage,
      });
    }
    requireInTree(local, file, where);
  }
}

function isThere({ directory }: LocalComponent, path: string): boolean {
  return lstatSync(join(directory, path), { throwIfNoEntry: false }) !== undefined;
}

/** What the compiler is told for one file. */
function selected(variant: LocalVariant, path: string, entries: readonly number[]): SelectedSource {
  const { document } = variant.local;
  const { sources, flags } = document.value;
  const defines = macrosOf(variant);
  const owners = new Map<string, Position>();
  for (const index of entries) {
    for (const [macro, value] of Object.entries(sources[index]?.defines ?? {})) {
      const at = document.at(['sources', index, 'defines', macro]);
      const owner = owners.get(macro);
      if (owner !== undefined && defines.get(macro) !== value) throw twoValues(path, macro, at, owner);
      owners.set(macro, at);
      defines.set(macro, value);
    }
  }
  return {
    path,
    include: [...new Set(entries.flatMap((index) => sources[index]?.include ?? []))],
    defines: Object.fromEntries(defines),
    flags: [...flags, ...entries.flatMap((index) => sources[index]?.flags ?? [])],
    entries,
  };
}

function twoValues(path: string, macro: string, at: Position, owner: Position): BunnyError {
  return new BunnyError(
    'BUNNY_EDUPLICATE',
    `two entries give the macro ${macro} different values for ${path}`,
    {
      where: at,
      details: [`first in ${formatPosition(owner)}`],
      hint: 'leave the file out of one of them, with `exclude`',
      exitStatus: exitStatus.usage,
    },
  );
}

/** The macros of a variant: the component's own, then those of its options. */
function macrosOf({ local, identity }: LocalVariant): Map<string, Scalar> {
  const { defines, options } = local.document.value;
  const macros = new Map(Object.entries(defines));
  for (const [name, declaration] of Object.entries(options)) {
    const value = identity.options[name];
    if (declaration.define !== undefined && value !== undefined) macros.set(declaration.define, value);
  }
  return macros;
}

async function filesOfEntry(
  { document, directory, files: tree }: LocalComponent,
  path: readonly [string, number],
  patterns: readonly string[],
  exclude: readonly string[] = [],
): Promise<ReadonlySet<string>> {
  const at = document.at(path);
  const found = patterns.map((pattern): SourcePattern => ({ pattern, at }));
  const taken = new Set(await sourceFiles(directory, found, { exclude: document.value.exclude }));
  const inTree = new Set(tree.map((file) => file.path));
  for (const file of taken) if (!inTree.has(file)) throw outsideTree(file, at);
  const left = new Set<string>();
  for (const pattern of exclude) {
    const kept = new Set(await globFiles(directory, ['**/*'], [pattern]));
    const excluded = [...taken].filter((file) => !kept.has(file));
    for (const file of excluded) left.add(file);
    if (excluded.length > 0) continue;
    throw new BunnyError('BUNNY_ESOURCE', `exclude: ${pattern} names none of the files of this entry`, {
      where: document.at([...path, 'exclude']),
      hint: `globs are relative to ${directory}: correct this one, or leave it out`,
      exitStatus: exitStatus.usage,
    });
  }
  return new Set([...taken].filter((file) => !left.has(file)));
}
