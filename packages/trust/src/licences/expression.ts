import parse, { type Info } from 'spdx-expression-parse';

/** A licence expression of SPDX (2.3, annex D), taken apart. */
export type Licence = Info;

/** Expressions nest by recursion of the parser: nobody writes longer ones. Characters. */
const longest = 1000;

/** Takes a licence expression apart. Undefined where it is none: a name that SPDX does not have, or other words. Pure. */
export function parseLicence(text: string): Licence | undefined {
  if (text.length > longest) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** What an expression names: licences by their identifiers, with `+` and exceptions as they are written. Pure. */
export function licencesIn(licence: Licence): string[] {
  if ('conjunction' in licence) return [...licencesIn(licence.left), ...licencesIn(licence.right)];
  const { license, plus, exception } = licence;
  return [`${license}${plus ? '+' : ''}${exception === undefined ? '' : ` WITH ${exception}`}`];
}
