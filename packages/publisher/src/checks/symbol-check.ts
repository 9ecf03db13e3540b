import { isLinkerSymbol } from 'bunny-libos-elf';
import { type Definer, definerText, requirementText } from 'bunny-libos-namespace';
import { BunnyError, byText, exitStatus } from 'bunny-libos-spec';
import semver from 'semver';

/** The symbols of one variant, and who it may use. */
export interface SymbolUse {
  /** For messages: `libc 1.2.0 (amd64)`. */
  label: string;
  /** component.yaml of the variant. */
  file: string;
  /** Per object: what it was made from, as the component names it, and its strong undefined symbols. */
  objects: readonly { source: string; undefined: readonly string[] }[];
  /** Everything that the variant's own objects and linker scripts define. */
  own: ReadonlySet<string>;
  /** Declared dependency (component or capability) -> what defines symbols for it. */
  direct: ReadonlyMap<string, SymbolSource>;
  /** Base components, what is made for each image, and what every app defines. */
  base: readonly SymbolSource[];
  /** Every other component that is at hand, to say who would define a missing symbol. */
  others: readonly SymbolSource[];
  /** What the catalog says of symbols: symbol -> who defines it, with which options. */
  definers?: ReadonlyMap<string, readonly Definer[]> | undefined;
  /** Declared dependencies that are used without any symbol: their headers were read. */
  included: ReadonlySet<string>;
}

/** Who defines symbols. */
export interface SymbolSource {
  name: string;
  version: string;
  defined: ReadonlySet<string>;
}

/**
 * Holds the symbols of a variant against its declared dependencies: they are the graph, symbols are the
 * check on it. Throws BUNNY_EUNDECLARED, naming the component that defines what is missing. Returns the
 * declared dependencies that nothing uses.
 */
export function checkSymbols(use: SymbolUse): string[] {
  const used = new Set<string>();
  const missing = new Map<string, string[]>();
  for (const object of use.objects) {
    for (const symbol of object.undefined) {
      if (use.own.has(symbol) || isLinkerSymbol(symbol)) continue;
      const provider = [...use.direct].find(([, source]) => source.defined.has(symbol));
      if (provider !== undefined) used.add(provider[0]);
      else if (!use.base.some((source) => source.defined.has(symbol))) {
        missing.set(symbol, [...(missing.get(symbol) ?? []), object.source]);
      }
    }
  }
  if (missing.size > 0) throw undeclared(use, missing);
  return [...use.direct.keys()].filter((name) => !used.has(name) && !use.included.has(name));
}

/** The symbols that a linker script assigns or provides (GNU ld manual, "Assigning Values to Symbols"). */
export function scriptSymbols(text: string): Set<string> {
  const symbols = new Set<string>();
  const code = text.replaceAll(/\/\*.*?\*\//gs, ' ');
  for (const [, name] of code.matchAll(/(?:^|[\s;({}])([A-Za-z_.$][\w.$]*)\s*=(?!=)/g)) {
    if (name !== undefined && name !== '.') symbols.add(name);
  }
  return symbols;
}

function undeclared(use: SymbolUse, missing: ReadonlyMap<string, readonly string[]>): BunnyError {
  const lines: string[] = [];
  const add = new Set<string>();
  for (const [symbol, sources] of [...missing].sort(byText(([symbol]) => symbol))) {
    const definers = definersOf(symbol, use);
    const who = definers.length === 0 ? 'no component known here' : definers.map(definerText).join(' or ');
    lines.push(`${symbol} (used by ${sources.join(', ')}) is defined by ${who}`);
    const [only] = definers;
    if (new Set(definers.map(({ component }) => component)).size === 1 && only !== undefined) {
      add.add(requirementText(only));
    }
  }
  const [first] = missing.keys();
  const dependencies = [...add].sort();
  return new BunnyError(
    'BUNNY_EUNDECLARED',
    missing.size === 1
      ? `${use.label} uses ${first}, which no declared dependency defines`
      : `${use.label} uses ${missing.size} symbols that no declared dependency defines`,
    {
      where: use.file,
      details: lines,
      hint:
        dependencies.length === 0
          ? 'define them, or declare the component that does under `dependencies`'
          : `add to dependencies: ${dependencies.join(', ')}`,
      exitStatus: exitStatus.buildFailed,
    },
  );
}

/** Who defines a symbol: as the catalog knows it, and components that it does not know. Sorted by name, newest first. */
function definersOf(symbol: string, { definers, others }: SymbolUse): Definer[] {
  const known = definers?.get(symbol) ?? [];
  const names = new Set(known.map(({ component }) => component));
  const here = others
    .filter(({ name, defined }) => !names.has(name) && defined.has(symbol))
    .map(
      ({ name, version }): Definer => ({
        component: name,
        version,
        settings: {},
        options: {},
        provides: {},
      }),
    );
  const distinct = new Map([...known, ...here].map((each) => [definerText(each), each]));
  return [...distinct.values()].sort((left, right) =>
    left.component === right.component
      ? semver.rcompare(left.version, right.version)
      : left.component < right.component
        ? -1
        : 1,
  );
}
