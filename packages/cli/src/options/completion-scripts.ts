import { fish } from './completion-fish.js';
import { type CompletedCommand, type Place, valuesCommand } from './completion-words.js';
import type { AskedValues } from './flag.js';

/** Shell -> what makes the script that completes these commands there. */
export const completionScripts: ReadonlyMap<string, (commands: readonly CompletedCommand[]) => string> =
  new Map([
    ['bash', bash],
    ['zsh', zsh],
    ['fish', fish],
  ]);

/** Words are split at line ends alone, so that a file's name may have blanks. Nothing that is asked for is expanded. */
function bash(commands: readonly CompletedCommand[]): string {
  const script: ShellWords = {
    words: (words) => `COMPREPLY=($(compgen -W $'${words.join('\\n')}' -- "$cur"))`,
    ask: (what) =>
      `mapfile -t COMPREPLY < <("\${COMP_WORDS[0]/#\\~/$HOME}" ${valuesCommand} ${what} -- "$cur" 2>/dev/null)`,
    files: 'COMPREPLY=($(compgen -f -- "$cur"))',
    nothing: ':',
  };
  return `_bunny() {
  local IFS=$'\\n' at=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]} before name word
  COMPREPLY=()
  # What comes after -- is the app's.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ "$word" = -- ]; then return; fi
  done
  # --flag=value is three words here
  if [ "$cur" = = ]; then cur=''; elif [ "\${COMP_WORDS[at - 1]}" = = ]; then at=$((at - 1)); fi
  before=\${COMP_WORDS[at - 1]} name=\${COMP_WORDS[1]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${script.words(topLevel(commands))}
    return
  fi
${cases(commands, '${COMP_WORDS[1]} ${COMP_WORDS[2]}', script)}
}
complete -o filenames -F _bunny bunny`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const script: ShellWords = {
    words: (words) => `compadd -- ${words.join(' ')}`,
    ask: (what) => `compadd -- \${(f)"$(\${~words[1]} ${valuesCommand} ${what} -- "$cur" 2>/dev/null)"}`,
    files: '_files',
    nothing: ':',
  };
  const described = outermost(commands).map(
    ({ paths: [name = ''], description }) =>
      `      ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`,
  );
  return `#compdef bunny
_bunny() {
  # What comes after -- is the app's.
  if (( \${words[(i)--]} < CURRENT )); then return; fi
  local cur=$words[CURRENT] before=$words[CURRENT-1] name=$words[2]
  if (( CURRENT == 2 )); then
    local -a commands=(
${described.join('\n')}
    )
    _describe command commands
    return
  fi
  if [[ $cur == --*=* ]]; then
    before=\${cur%%=*} cur=\${cur#*=}
    compset -P '*='
  fi
${cases(commands, '$words[2] $words[3]', script)}
}
compdef _bunny bunny`;
}

/** How a shell offers what may be written in a place. */
interface ShellWords {
  words(words: readonly string[]): string;
  ask(what: AskedValues): string;
  files: string;
  nothing: string;
}

/**
 * What bash and zsh have in common: from the words of the command line to what goes at the cursor. The value
 * of a flag, else flags where a dash was written or nothing else is taken, else what the command takes.
 */
function cases(commands: readonly CompletedCommand[], firstTwo: string, script: ShellWords): string {
  const below = commands.filter(({ paths: [path = ''] }) => path.includes(' '));
  const offer = (place: Place) =>
    place === 'file'
      ? script.files
      : place === 'any'
        ? script.nothing
        : 'ask' in place
          ? script.ask(place.ask)
          : script.words(place);
  const values = commands.flatMap(({ paths, flags }) =>
    flags.flatMap(({ names, value }) => {
      if (value === undefined) return [];
      const patterns = paths.flatMap((path) => names.map((name) => quoted(`${path} ${name}`)));
      return [`    ${patterns.join('|')}) ${offer(value)}; return ;;`];
    }),
  );
  const rest = commands.map(({ paths, flags, operand }) => {
    const pattern = paths.map(quoted).join('|');
    const flagWords = script.words(
      flags.flatMap(({ names }) => names.filter((name) => name.startsWith('--'))),
    );
    const operands = operand === undefined || operand === 'any' ? flagWords : offer(operand);
    return `    ${pattern}) if [[ $cur == -* ]]; then ${flagWords}; else ${operands}; fi ;;`;
  });
  return `  case "${firstTwo}" in
${below.map(({ paths }) => `    ${paths.map(quoted).join('|')}) name=${quoted(paths[0] ?? '')} ;;`).join('\n')}
  esac
  case "$name $before" in
${values.join('\n')}
  esac
  case "$name" in
${rest.join('\n')}
  esac`;
}

function outermost(commands: readonly CompletedCommand[]): CompletedCommand[] {
  return commands.filter(({ paths: [path = ''] }) => !path.includes(' '));
}

function topLevel(commands: readonly CompletedCommand[]): string[] {
  return outermost(commands).flatMap(({ paths: [name] }) => name ?? []);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
