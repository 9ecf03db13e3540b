import { unversioned } from './linkage.js';
import type { ElfObject } from './object.js';

/** Where a symbol is defined for good. */
interface Definers {
  positions: number[];
  /** The COMDAT groups that hold it. */
  groups: Set<string>;
  /** Nothing but absolute values so far. */
  absolute: boolean;
}

/**
 * Symbols that no link of these objects can take, as more than one of them defines it for good: symbol -> the
 * positions of those objects. Sorted by code unit. What a link settles by itself is not among them: weak
 * definitions, common symbols, all but one of the COMDAT groups of one name (inline functions of C++). Hidden
 * symbols are, because hiding works between images. So are absolute ones, unless all are: linkers take equal
 * values, and this package does not know them.
 */
export function duplicateSymbols(objects: readonly ElfObject[]): Map<string, number[]> {
  const definers = new Map<string, Definers>();
  objects.forEach((object, position) => {
    for (const symbol of object.symbols) {
      const { binding, defined, common, section, group } = symbol;
      const name = unversioned(symbol.name);
      if (binding !== 'global' || !defined || common || name === '') continue;
      const known = definers.get(name) ?? { positions: [], groups: new Set<string>(), absolute: true };
      definers.set(name, known);
      if (group !== undefined) {
        if (known.groups.has(group)) continue;
        known.groups.add(group);
      }
      if (known.positions.at(-1) !== position) known.positions.push(position);
      known.absolute &&= section === undefined;
    }
  });
  const refused = [...definers].filter(([, { positions, absolute }]) => positions.length > 1 && !absolute);
  refused.sort(([left], [right]) => (left < right ? -1 : 1));
  return new Map(refused.map(([name, { positions }]) => [name, positions]));
}
