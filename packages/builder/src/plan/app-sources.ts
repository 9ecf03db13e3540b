import {
  type App,
  BunnyError,
  byText,
  defaultAppSources,
  type Path,
  type Position,
  type ToolingRules,
} from 'bunny-libos-spec';
import { languageOf, languagesOf, sourceFiles, unknownLanguage } from 'bunny-libos-tooling';

/** One source of the app. */
export interface AppSource {
  /** Relative to the Bunnyfile. */
  path: string;
  language: string;
}

/**
 * The sources that the patterns of an app name, sorted by path, each with its language. Of what a pattern
 * matches, files that no language takes (or not the one that the app names) are left alone; a file named in
 * full must be a source.
 * `at` gives places in the Bunnyfile. Throws BunnyError BUNNY_ESOURCE, BUNNY_ELANGUAGE.
 */
export async function appSources(
  app: App,
  rules: ToolingRules,
  directory: string,
  at: (path: Path) => Position,
): Promise<AppSource[]> {
  if (app.language !== 'auto' && !Object.hasOwn(rules.languages, app.language)) {
    throw unknownLanguage(rules, app.language, at(['app', 'language']));
  }
  const sources = new Map<string, AppSource>();
  for (const [index, pattern] of app.sources.entries()) {
    const where = at(['app', 'sources', index]);
    const files = await sourceFiles(directory, [{ pattern, at: where }], {
      takes: (path) => isTaken(app, rules, path),
      mayBeEmpty: app.sources === defaultAppSources,
    });
    for (const path of files) {
      const language = app.language === 'auto' ? languageOf(rules, path, where) : app.language;
      sources.set(path, { path, language });
    }
  }
  if (sources.size === 0) {
    const patterns = Object.values(rules.languages).flatMap((language) => language.files);
    throw new BunnyError('BUNNY_ESOURCE', 'the app has no sources', {
      where: at(['app', 'sources']),
      hint: `add one (${patterns.sort().join(', ')}) beside the Bunnyfile or in src/, or name it in app.sources`,
    });
  }
  return [...sources.values()].sort(byText(({ path }) => path));
}

function isTaken({ language }: App, rules: ToolingRules, path: string): boolean {
  const taking = languagesOf(rules, path);
  return language === 'auto' ? taking.length > 0 : taking.includes(language);
}
