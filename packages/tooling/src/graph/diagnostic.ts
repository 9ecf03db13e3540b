import { type Position, present } from 'bunny-libos-spec';

/** `file:line:column: error: …`, as gcc, clang and most tools after them write it. The column may be missing. */
const diagnostic = /^(.+?):(\d+):(?:(\d+):)? (?:fatal )?error\b/i;

/** Where the first error among a tool's lines of output is. Undefined where none says. */
export function firstDiagnostic(lines: readonly string[]): Position | undefined {
  for (const line of lines) {
    const [, file, row, column] = diagnostic.exec(line) ?? [];
    if (file === undefined) continue;
    return present({ file, line: Number(row), column: column === undefined ? undefined : Number(column) });
  }
  return undefined;
}

/** The headers that gcc (`x.h: No such file or directory`) or clang (`'x.h' file not found`) ends at, once each. */
export function missingHeaders(lines: readonly string[]): string[] {
  const found = lines.flatMap((line) => {
    const [, gcc, clang] =
      /: fatal error: (?:([^\s':][^':]*): No such file or directory|'([^']+)' file not found)/.exec(line) ??
      [];
    return gcc ?? clang ?? [];
  });
  return [...new Set(found)];
}
