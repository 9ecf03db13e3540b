import { definedSymbols, duplicateSymbols, type ElfObject, undefinedSymbols } from 'bunny-libos-elf';
import { byText } from 'bunny-libos-spec';
import type { LinkedObject } from '../plan/build-plan.js';
import { readComplaints } from './linker-words.js';

/** A symbol that keeps a link from succeeding, and the objects it concerns, in link order. */
export interface SymbolProblem {
  symbol: string;
  objects: readonly LinkedObject[];
}

export interface LinkDiagnosis {
  /** Used by these objects, defined by none. */
  undefined: readonly SymbolProblem[];
  /** Defined by each of these objects. */
  duplicate: readonly SymbolProblem[];
  /** Every name that an object defines. */
  defined: ReadonlySet<string>;
}

/**
 * Finds out from the objects whose symbols kept a link from succeeding. Only what the linker complained of counts: it
 * defines symbols itself, so do scripts and its command line, and code that nothing reaches is not linked. Where it
 * complained of no symbol, the reason is another. Sorted by name.
 */
export function diagnoseLink(
  inputs: readonly { object: LinkedObject; elf: ElfObject }[],
  linkerOutput: readonly string[],
): LinkDiagnosis {
  const complaints = readComplaints(linkerOutput);
  const defined = new Set(inputs.flatMap(({ elf }) => definedSymbols(elf)));
  const users = new Map<string, LinkedObject[]>();
  for (const { object, elf } of inputs) {
    for (const name of undefinedSymbols(elf)) {
      const objects = users.get(name) ?? [];
      users.set(name, objects);
      objects.push(object);
    }
  }
  const missing = [...users]
    .filter(([symbol]) => !defined.has(symbol) && complaints.undefined.has(symbol))
    .map(([symbol, objects]): SymbolProblem => ({ symbol, objects }))
    .sort(byText(({ symbol }) => symbol));
  const doubled = [...duplicateSymbols(inputs.map(({ elf }) => elf))]
    .filter(([symbol]) => complaints.duplicate.has(symbol))
    .map(
      ([symbol, positions]): SymbolProblem => ({
        symbol,
        objects: positions.flatMap((position) => inputs[position]?.object ?? []),
      }),
    );
  return { undefined: missing, duplicate: doubled, defined };
}
