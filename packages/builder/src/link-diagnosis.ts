import { definedSymbols, duplicateSymbols, type ElfObject, undefinedSymbols } from '@bunny/elf';
import { byText } from '@bunny/spec';
import type { LinkedObject } from './build-plan.js';

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
 * Finds out from the objects why a link failed. What the linker said serves to leave out what did not matter:
 * symbols that a script defines, and code that is not linked because nothing reaches it. Where it names no
 * symbol as the objects do (it may demangle), names that stand in a linker script are left out instead.
 * Sorted by name.
 */
export function diagnoseLink(
  inputs: readonly { object: LinkedObject; elf: ElfObject }[],
  linkerOutput: readonly string[],
  scripts: readonly string[],
): LinkDiagnosis {
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
    .filter(([symbol]) => !defined.has(symbol))
    .map(([symbol, objects]): SymbolProblem => ({ symbol, objects }))
    .sort(byText(({ symbol }) => symbol));
  const doubled = [...duplicateSymbols(inputs.map(({ elf }) => elf))].map(
    ([symbol, positions]): SymbolProblem => ({
      symbol,
      objects: positions.flatMap((position) => inputs[position]?.object ?? []),
    }),
  );
  const said = words(linkerOutput);
  const wasSaid = ({ symbol }: SymbolProblem) => said.has(symbol);
  const scripted = words(scripts);
  const isKnown = missing.some(wasSaid) || doubled.some(wasSaid);
  return {
    undefined: missing.filter(isKnown ? wasSaid : ({ symbol }) => !scripted.has(symbol)),
    duplicate: isKnown ? doubled.filter(wasSaid) : doubled,
    defined,
  };
}

/** Everything in a text that may be the name of a symbol. */
function words(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z_.$][\w.$]*/g) ?? []));
}
