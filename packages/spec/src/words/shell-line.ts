/** The words as a POSIX shell reads them back, on one line. */
export function shellLine(words: readonly string[]): string {
  return words.map((word, index) => shellWord(word, index === 0)).join(' ');
}

function shellWord(word: string, first: boolean): string {
  const plain = first ? /^[\w./+-]+$/ : /^[\w./+:,@%=-]+$/;
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
