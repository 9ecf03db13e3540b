import { definedSymbols, readObject, undefinedSymbols } from 'bunny-libos-elf';
import type { BuildTree } from './build-tree.js';
import type { PerImageLibrary } from './per-image.js';

/** A tree with what an import makes of it. */
export interface ImportedTree {
  /** The name of its configuration. */
  configuration: string;
  tree: BuildTree;
  /** Libraries that are made for each image, and are no components. */
  perImage: readonly PerImageLibrary[];
  /** Whether an object says of the app what it is. */
  hasAppInfo: boolean;
}

/** What a library defines for others: with `$identifier` for what it has of each library. */
export function exportedSymbols({ libraries, appLibrary }: BuildTree, name: string): string[] {
  const library = libraries.find((one) => one.name === name);
  if (library === undefined) return [];
  const ids = new Set(libraries.map((one) => `_uk_libid_self_${one.name}`));
  const own = new Set([...ids].filter((symbol) => symbol !== `_uk_libid_self_${appLibrary}`));
  return definedSymbols(readObject(library.object)).flatMap((symbol) => {
    if (!ids.has(symbol)) return [symbol];
    // Those of components follow from the closure; what is made here as well is no component.
    return own.has(symbol) ? [symbol, '_uk_libid_self_$identifier'] : [];
  });
}

/** Symbols that libraries of a tree use, and none of them defines. */
export interface OutsideSymbols {
  /** Defined by the app. */
  app: string[];
  /** Defined by neither: the link of the image brings them, as it went well. */
  link: string[];
}

/** What the libraries of a tree get from outside. */
export function outsideSymbols({ libraries, appLibrary }: BuildTree): OutsideSymbols {
  const defined = new Set<string>();
  const ofApp = new Set<string>();
  const used = new Set<string>();
  for (const { name, object } of libraries) {
    const elf = readObject(object);
    const isApp = name === appLibrary;
    for (const symbol of definedSymbols(elf)) (isApp ? ofApp : defined).add(symbol);
    if (!isApp) for (const symbol of undefinedSymbols(elf)) used.add(symbol);
  }
  const outside = [...used].filter((symbol) => !defined.has(symbol)).sort();
  return {
    app: outside.filter((symbol) => ofApp.has(symbol) && !symbol.startsWith('_uk_libid_self_')),
    link: outside.filter((symbol) => !ofApp.has(symbol)),
  };
}
