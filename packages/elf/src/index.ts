export { duplicateSymbols } from './duplicates.js';
export { ElfError } from './errors.js';
export { type FileKind, fileKind, machineNames, type ObjectType } from './header.js';
export { definedSymbols, isLinkerSymbol, undefinedSymbols } from './linkage.js';
export { type ElfObject, readObject } from './object.js';
export { differentSections } from './section-differences.js';
export type { ElfSection, Sizes } from './sections.js';
export type { ElfSymbol, SymbolBinding, SymbolKind, SymbolVisibility } from './symbols.js';
