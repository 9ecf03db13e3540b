/** The symbols that a linker has complained of, as it writes their names. */
export interface LinkerComplaints {
  undefined: SaidNames;
  duplicate: SaidNames;
}

/** A name as GNU ld and gold quote it. */
const quoted = /[`'‘](.+?)['’](?=[\s;]|$)/.source;

/** Of a symbol that nothing defines: GNU ld and gold; the same of a hidden one; lld and mold. */
const undefinedNames: readonly RegExp[] = [
  new RegExp(`undefined (?:references? to|symbol) ${quoted}`),
  new RegExp(`(?:hidden|internal|protected) symbol ${quoted} isn't defined`),
  /undefined (?:hidden |internal |protected )?symbol: (.+)/,
];

const duplicateNames: readonly RegExp[] = [
  new RegExp(`multiple definition of ${quoted}`),
  /duplicate symbol: (.+)/,
];

/** What the lines of a linker's output say of symbols. */
export function readComplaints(output: readonly string[]): LinkerComplaints {
  return {
    undefined: new SaidNames(namesIn(output, undefinedNames)),
    duplicate: new SaidNames(namesIn(output, duplicateNames)),
  };
}

/** What is only a warning did not keep the link from succeeding. */
function namesIn(output: readonly string[], patterns: readonly RegExp[]): string[] {
  return output
    .filter((line) => !line.includes('warning:'))
    .flatMap((line) => patterns.flatMap((pattern) => pattern.exec(line)?.[1] ?? []));
}

/** Names as a linker writes them: plain, or those of C++, Rust and D in the form of the source. */
export class SaidNames {
  readonly #names: ReadonlySet<string>;
  readonly #written: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    this.#written = [...this.#names].filter((name) => /[^\w.$@]/.test(name));
  }

  /** Whether a symbol of an object is among them. */
  has(symbol: string): boolean {
    if (this.#names.has(symbol)) return true;
    return /^_[ZRD]/.test(symbol) && this.#written.some((name) => manglesTo(name, symbol));
  }
}

/** True where a mangled name may be that of a function or variable: it has its last identifier, length first. */
function manglesTo(name: string, symbol: string): boolean {
  let declared = name.replace(/\(.*$/s, '');
  for (let shorter = ''; shorter !== declared; ) {
    shorter = declared;
    declared = shorter.replaceAll(/<[^<>]*>/g, '');
  }
  const identifier = /\boperator\b/.test(declared) ? undefined : /[A-Za-z_]\w*$/.exec(declared)?.[0];
  return identifier === undefined || symbol.includes(`${identifier.length}${identifier}`);
}
