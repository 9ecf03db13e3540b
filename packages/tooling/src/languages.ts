import { BunnyError, type Position, type ToolingRules } from '@bunny/spec';
import { matchesPattern } from './file-pattern.js';

/**
 * The language of a source file, told by its base name.
 * Throws BunnyError BUNNY_ELANGUAGE where no language of the tooling layer takes it, or more than one does.
 */
export function languageOf(rules: ToolingRules, file: string, where: Position | string = file): string {
  const base = file.slice(file.lastIndexOf('/') + 1);
  const taking = Object.entries(rules.languages)
    .filter(([, language]) => language.files.some((pattern) => matchesPattern(base, pattern)))
    .map(([name]) => name)
    .sort();
  const only = taking[0];
  if (only === undefined) {
    const known = Object.entries(rules.languages).map(([name, { files }]) => `${name} (${files.join(' ')})`);
    throw new BunnyError('BUNNY_ELANGUAGE', `no language of ${rules.framework} takes ${base}`, {
      where,
      hint: `leave it out of the sources, or rename it; known: ${known.sort().join(', ')}`,
    });
  }
  if (taking.length > 1) {
    throw new BunnyError('BUNNY_ELANGUAGE', `${base} could be ${taking.join(' or ')}`, {
      where,
      hint: 'say which with language',
    });
  }
  return only;
}
