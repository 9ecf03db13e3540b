import { readFile } from 'node:fs/promises';
import { definedSymbols, type ElfObject } from 'bunny-libos-elf';
import { BunnyError, exitStatus, type Position } from 'bunny-libos-spec';
import type { BuildPlan, LinkedObject } from '../plan/build-plan.js';
import { ownerText } from './object-owner.js';
import { carriesSection } from './script-sections.js';

/** An object of the link with what is in it. */
export interface ReadObject {
  object: LinkedObject;
  elf: ElfObject;
}

/** What a linker takes for an array of functions to call before `main` (System V gABI; `.ctors` before it). */
const constructors = /^\.(?:preinit_array|init_array|ctors)(?:\.|$)/;

/**
 * Refuses an image whose constructors no script carries: the linker puts them somewhere, and nothing calls them.
 * `scripts`: those of the closure on this machine, the default one among them; with none, the linker's own has them.
 * Throws BunnyError BUNNY_ESCRIPT.
 */
export async function requireConstructors(
  objects: readonly ReadObject[],
  scripts: readonly string[],
  plan: BuildPlan,
): Promise<void> {
  if (scripts.length === 0) return;
  const sections = objects.flatMap(({ object, elf }) =>
    elf.sections
      .filter(({ name, size, flags }) => flags.alloc && size > 0 && constructors.test(name))
      .map(({ name }) => ({ object, name })),
  );
  if (sections.length === 0) return;
  const texts = await Promise.all(scripts.map((path) => readFile(path, 'utf8')));
  const lost = sections.filter(({ name }) => !carriesSection(texts, name));
  const [first] = lost;
  if (first === undefined) return;
  throw new BunnyError(
    'BUNNY_ESCRIPT',
    'constructors would never be called: no linker script has their section',
    {
      where: ownerText(first.object, plan),
      hint: 'do without constructors (global objects of C++), or add the component that calls them',
      details: lost.map(({ object, name }) => `${ownerText(object, plan)}: ${name}`),
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

/**
 * Refuses an app without what every app of its framework defines, where only a weak definition stands in for it or
 * nothing asks. Objects that are compiled further at the link do not tell what they define. Throws BUNNY_EUNDEFINED.
 */
export function requireAppSymbols(
  objects: readonly ReadObject[],
  symbols: readonly string[],
  where: Position | string,
): void {
  const defined = new Set(objects.flatMap(({ object, elf }) => definitions(object, elf)));
  const missing = symbols.filter((symbol) => !defined.has(symbol));
  const isLate = objects.some(
    ({ object, elf }) =>
      'app' in object.owner && elf.sections.some(({ name }) => name.startsWith('.gnu.lto_')),
  );
  if (missing.length === 0 || isLate) return;
  throw new BunnyError('BUNNY_EUNDEFINED', `the app does not define ${missing.join(', ')}`, {
    where,
    hint: `define ${missing.length === 1 ? missing[0] : 'them'} in a source of the app`,
    exitStatus: exitStatus.buildFailed,
  });
}

/** A component may be the app: its weak definitions are what stands there for want of one. */
function definitions({ owner }: LinkedObject, elf: ElfObject): string[] {
  if (!('component' in owner)) return definedSymbols(elf);
  return elf.symbols
    .filter(({ defined, binding }) => defined && binding === 'global')
    .map(({ name }) => name);
}
