import { jointRange } from 'bunny-libos-resolver';
import type { App, Path, Position, ToolingRules } from 'bunny-libos-spec';
import { appSources } from './app-sources.js';

/**
 * What the languages of an app need beyond the components that it names, such as a C++ runtime: name ->
 * range. The sources are looked at only where some language of the framework implies anything. Throws as
 * `appSources`.
 */
export async function impliedComponents(
  app: App,
  rules: ToolingRules,
  directory: string,
  at: (path: Path) => Position,
): Promise<Record<string, string>> {
  const implied = new Map<string, string>();
  if (Object.values(rules.languages).every(({ implies }) => Object.keys(implies).length === 0)) return {};
  const sources = await appSources(app, rules, directory, at);
  for (const language of new Set(sources.map((source) => source.language))) {
    for (const [name, range] of Object.entries(rules.languages[language]?.implies ?? {})) {
      const other = implied.get(name);
      implied.set(name, other === undefined ? range : jointRange(other, range));
    }
  }
  return Object.fromEntries(implied);
}
