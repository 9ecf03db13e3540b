import { BunnyError, type Position, type ToolingRules } from 'bunny-libos-spec';
import { isNarrower, matchesPattern } from './file-pattern.js';

/** The languages whose patterns take the base name of a file, sorted. */
export function languagesOf(rules: ToolingRules, file: string): string[] {
  const base = baseName(file);
  return Object.entries(rules.languages)
    .filter(([, language]) => language.files.some((pattern) => matchesPattern(base, pattern)))
    .map(([name]) => name)
    .sort();
}

/**
 * The language of a source file, told by its base name: of several, the one whose pattern is narrower than those of the
 * others (`*.simd.c` than `*.c`).
 * Throws BunnyError BUNNY_ELANGUAGE where no language of the tooling layer takes it, or more than one does.
 */
export function languageOf(rules: ToolingRules, file: string, where: Position | string = file): string {
  const taking = narrowest(rules, file, languagesOf(rules, file));
  const only = taking[0];
  if (only === undefined) {
    const known = Object.entries(rules.languages).map(([name, { files }]) => `${name} (${files.join(' ')})`);
    throw new BunnyError('BUNNY_ELANGUAGE', `no language of ${rules.framework} takes ${baseName(file)}`, {
      where,
      hint: `leave it out of the sources, or rename it; known: ${known.sort().join(', ')}`,
    });
  }
  if (taking.length > 1) {
    throw new BunnyError('BUNNY_ELANGUAGE', `${baseName(file)} could be ${taking.join(' or ')}`, {
      where,
      hint: 'rename it, or take it by a narrower pattern in tooling.yaml; for an app, app.language says which',
    });
  }
  return only;
}

function narrowest(rules: ToolingRules, file: string, languages: readonly string[]): string[] {
  const patternsOf = (language: string) =>
    rules.languages[language]?.files.filter((pattern) => matchesPattern(baseName(file), pattern)) ?? [];
  const isPassedOver = (language: string) =>
    patternsOf(language).every((pattern) =>
      languages.some((other) => patternsOf(other).some((narrower) => isNarrower(narrower, pattern))),
    );
  return languages.filter((language) => !isPassedOver(language));
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
