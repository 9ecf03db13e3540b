import { oneLine, shownInLine } from './shown-text.js';

const indent = /^ */;

/** Columns under their headings, as wide as their widest cell. Spaces that a cell begins with stay. */
export function table(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const rows = lines.map((row) => row.map((cell) => `${indent.exec(cell)}${shownInLine(oneLine(cell))}`));
  const widths = headings.map((heading) => heading.length);
  for (const row of rows) {
    for (const [column, width] of widths.entries()) {
      widths[column] = Math.max(width, row[column]?.length ?? 0);
    }
  }
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
