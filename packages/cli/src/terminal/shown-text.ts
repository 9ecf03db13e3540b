/**
 * Characters that a terminal obeys, or that nobody sees: controls, surrogates without their other half, ends of lines
 * and of paragraphs, and all that is invisible or turns the direction of what stands beside it.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Shows what nobody would see: `\u{1b}` for an escape. Ends of lines and tabs stay. */
export function shownText(text: string): string {
  return text.replace(unseen, (found) => (found === '\n' || found === '\t' ? found : escaped(found)));
}

/** The same for what has to stay in its line, such as the name of a file. */
export function shownInLine(text: string): string {
  return text.replace(unseen, escaped);
}

/** A text in one line, for a place where its own lines would look like those of the command. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*[\n\r]\s*/g, ' ');
}

/** A JSON document that says the same with escapes in place of those characters. */
export function shownJson(document: unknown): string {
  const text = JSON.stringify(document, null, 2);
  // JSON has escapes for the halves of a pair.
  const units = (found: string) =>
    found
      .split('')
      .map((unit) => `\\u${hex(unit).padStart(4, '0')}`)
      .join('');
  return text.replace(unseen, (found) => (found === '\n' ? found : units(found)));
}

function escaped(character: string): string {
  return `\\u{${hex(character)}}`;
}

function hex(character: string): string {
  return character.codePointAt(0)?.toString(16) ?? '';
}
