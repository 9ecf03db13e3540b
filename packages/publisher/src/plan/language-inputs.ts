import { BunnyError, exitStatus, formatPath, type Path, type Position } from 'bunny-libos-spec';
import { languageOf, type TargetRules, usedNames } from 'bunny-libos-tooling';
import type { LocalComponent } from './component-directory.js';
import type { LocalVariant } from './local-variant.js';
import type { SelectedFiles, SelectedSource } from './selected-files.js';

/**
 * Finds the languages that the files of a variant are in, and holds what component.yaml says for them against these.
 * Throws BUNNY_ELANGUAGE, BUNNY_EPATH.
 */
export function requireLanguages(
  { local }: LocalVariant,
  { sources }: SelectedFiles,
  targets: readonly TargetRules[],
): void {
  for (const target of targets) {
    for (const source of sources) {
      const language = languageOf(target.rules, source.path, local.document.at(['sources']));
      requireSources(target, language, source, local);
      requireTaken(target, language, source, local);
    }
  }
}

/** What is compiled with an app as a whole makes no object by itself. Throws BUNNY_ELANGUAGE. */
function requireSources(
  { rules, where }: TargetRules,
  language: string,
  { path }: SelectedSource,
  { document }: LocalComponent,
): void {
  if (rules.languages[language]?.unit !== 'app') return;
  throw new BunnyError(
    'BUNNY_ELANGUAGE',
    `${path} is ${language}, which is compiled with an app as a whole`,
    {
      where: document.at(['sources']),
      details: [`unit: app in the language ${language} of ${where}`],
      hint: 'only apps have sources in this language',
      exitStatus: exitStatus.usage,
    },
  );
}

/**
 * Holds what component.yaml says for a file against the compile command of its language: what has no place there would
 * be lost without a word. Macros and public headers of the whole component are offered to all languages, and may be.
 * Throws BUNNY_ELANGUAGE; BUNNY_EPATH where a flag names a directory of the component, which is elsewhere in the sandbox.
 */
function requireTaken(
  target: TargetRules,
  language: string,
  source: SelectedSource,
  local: LocalComponent,
): void {
  const { document } = local;
  const rule = target.rules.languages[language];
  if (rule === undefined) return;
  const { sources, flags } = document.value;
  const refuse = (what: string, name: string, where: Position, hint: string) => {
    if (usedNames(rule.compile, target.variables, target.where).has(name)) return;
    throw new BunnyError('BUNNY_ELANGUAGE', `${source.path} is ${language}, which takes no ${what}`, {
      where,
      details: [`its compile command of ${target.where} does not use $${name}`],
      hint,
      exitStatus: exitStatus.usage,
    });
  };
  const named = 'leave files of this language out of the entry, with `exclude`';
  for (const index of source.entries) {
    const { include = [], defines = {}, flags: words = [] } = sources[index] ?? {};
    const at = (key: string) => document.at(['sources', index, key]);
    if (include.length > 0) refuse('directories of headers', 'includes', at('include'), named);
    if (Object.keys(defines).length > 0) refuse('macros', 'defines', at('defines'), named);
    if (words.length > 0) refuse('flags', 'flags', at('flags'), named);
    refuseOwnDirectories(words, rule.includeFlag, local, ['sources', index, 'flags']);
  }
  if (flags.length === 0) return;
  const moved = 'move `flags` to an entry of `sources` that names files of other languages';
  refuse('flags', 'flags', document.at(['flags']), moved);
  refuseOwnDirectories(flags, rule.includeFlag, local, ['flags']);
}

/** Commands do not run in the component's directory: a path relative to it would lead nowhere, silently. */
function refuseOwnDirectories(
  words: readonly string[],
  flag: string,
  { document, files }: LocalComponent,
  path: Path,
): void {
  for (const [index, word] of words.entries()) {
    if (!word.startsWith(flag)) continue;
    const directory = word === flag ? words[index + 1] : word.slice(flag.length);
    const named = directory?.replace(/\/+$/, '').replace(/^(?:\.\/+)+/, '');
    if (named === undefined) continue;
    if (named !== '.' && !files.some((file) => file.path.startsWith(`${named}/`))) continue;
    throw new BunnyError('BUNNY_EPATH', `${formatPath(path)}: the compiler does not run where ${named} is`, {
      where: document.at(path),
      hint: `name ${named} in \`include\` of an entry of \`sources\``,
      exitStatus: exitStatus.usage,
    });
  }
}
