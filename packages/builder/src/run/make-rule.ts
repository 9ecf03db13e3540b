/**
 * The prerequisites of the rules in a make fragment as compilers write it (`gcc -M`): blanks and `#` escaped
 * by a backslash, dollar signs doubled, lines continued by a backslash. In order, the first being the source.
 */
export function prerequisites(text: string): string[] {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split('\n');
  return lines.flatMap((line) => {
    const colon = /(?:^|[^\\]):(?:\s|$)/.exec(line);
    if (colon === null) return [];
    const words = line.slice(colon.index + colon[0].length).match(/(?:\\.|[^\s\\]|\\(?=\S))+/g) ?? [];
    return words.map((word) => word.replaceAll(/\\([ #\\:])/g, '$1').replaceAll('$$', '$'));
  });
}
