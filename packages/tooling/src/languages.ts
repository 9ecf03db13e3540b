import { BunnyError, type Position, type ToolingRules } from '@bunny/spec';
import { matchesPattern } from './file-pattern.js';

/** The languages whose patterns take the base name of a file, sorted. */
export function languagesOf(rules: ToolingRules, file: string): string[] {
  const base = baseName(file);
  return Object.entries(rules.languages)
    .filter(([, language]) => language.files.some((pattern) => matchesPattern(base, pattern)))
    .map(([name]) => name)
    .sort();
}

/**
 * The language of a source file, told by its base name.
 * Throws BunnyError BUNNY_ELANGUAGE where no language of the tooling layer takes it, or more than one does.
 */
export function languageOf(rules: ToolingRules, file: string, where: Position | string = file): string {
  const taking = languagesOf(rules, file);
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
      hint: 'say which with language',
    });
  }
  return only;
}

function baseName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
