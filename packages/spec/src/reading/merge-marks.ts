const mark = /^(?:<{7}|={7}|>{7}|\|{7})(?: |\r?$)/m;

/** The line, from 1, of the first mark that a merge with conflicts left in a text. Undefined where there is none. */
export function mergeMarkLine(text: string): number | undefined {
  const found = mark.exec(text);
  return found === null ? undefined : text.slice(0, found.index).split('\n').length;
}
