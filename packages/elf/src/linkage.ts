import type { ElfObject } from './object.js';
import type { ElfSymbol } from './symbols.js';

/**
 * Names that other objects can link against, sorted by code unit: global, weak and unique definitions, and
 * common symbols; of a default version (`name@@V`) also `name` and `name@V`, as linkers take them. Hidden ones
 * count in a relocatable object, because hiding works between images, not between the objects of one; in an
 * executable or shared object they are out of reach.
 */
export function definedSymbols(object: ElfObject): string[] {
  const defined = names(object, (symbol) => symbol.defined && isReachable(object, symbol));
  const versioned = defined.filter((name) => name.includes('@@'));
  if (versioned.length === 0) return defined;
  const others = versioned.flatMap((name) => [unversioned(name), name.replace('@@', '@')]);
  return [...new Set([...defined, ...others])].sort();
}

/** The name that a symbol of a default version (`name@@V`) is linked by; any other symbol's own. */
export function unversioned(symbol: string): string {
  const at = symbol.indexOf('@@', 1);
  return at < 0 ? symbol : symbol.slice(0, at);
}

/** Names that must be defined by another object, sorted by code unit: weak ones are zero where none defines them. */
export function undefinedSymbols(object: ElfObject): string[] {
  return names(object, ({ defined, binding }) => !defined && binding !== 'weak' && binding !== 'local');
}

/**
 * Symbols that GNU ld and lld define themselves: bounds of sections whose name is a C identifier, the
 * global offset table, and the ELF header.
 */
export function isLinkerSymbol(symbol: string): boolean {
  return (
    /^__(?:start|stop)_[A-Za-z_]\w*$/.test(symbol) ||
    symbol === '_GLOBAL_OFFSET_TABLE_' ||
    symbol === '__ehdr_start'
  );
}

function isReachable({ type }: ElfObject, { binding, kind, visibility }: ElfSymbol): boolean {
  if (binding === 'local' || kind === 'section' || kind === 'file') return false;
  return type === 'relocatable' || visibility === 'default' || visibility === 'protected';
}

function names(object: ElfObject, wanted: (symbol: ElfSymbol) => boolean): string[] {
  const found = new Set(
    object.symbols.filter((symbol) => symbol.name !== '' && wanted(symbol)).map(({ name }) => name),
  );
  return [...found].sort();
}
