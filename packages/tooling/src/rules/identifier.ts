import type { Generator } from 'bunny-libos-spec';

/** A name of a component or image as a part of a C identifier: `_` for all that is no letter, digit or `_`. */
export function identifierOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

/**
 * The symbols that a generator defines. Where one holds `$identifier` (or `${identifier}`) there is one for each of the
 * `names`: of the image, and of the components in it.
 */
export function generatedSymbols(
  { defines }: Pick<Generator, 'defines'>,
  names: readonly string[],
): string[] {
  return defines.flatMap((symbol) => {
    if (!perName.test(symbol)) return [symbol];
    return names.map((name) => symbol.replace(perName, identifierOf(name)));
  });
}

const perName = /\$(?:identifier\b|\{identifier\})/;
