import type { CompletedCommand, CompletedFlag, Place } from './completion-words.js';

/** Shell -> what makes the script that completes these commands there. */
export const completionScripts: ReadonlyMap<string, (commands: readonly CompletedCommand[]) => string> =
  new Map([
    ['bash', bash],
    ['zsh', zsh],
    ['fish', fish],
  ]);

/** Words are split at line ends alone, so that a file's name may have blanks. */
function bash(commands: readonly CompletedCommand[]): string {
  const script: ShellWords = {
    words: (words) => `COMPREPLY=($(compgen -W $'${words.join('\\n')}' -- "$cur"))`,
    files: 'COMPREPLY=($(compgen -f -- "$cur"))',
    nothing: ':',
  };
  return `_bunny() {
  local IFS=$'\\n' at=$COMP_CWORD cur=\${COMP_WORDS[COMP_CWORD]} before name
  # --flag=value is three words here
  if [ "$cur" = = ]; then cur=''; elif [ "\${COMP_WORDS[at - 1]}" = = ]; then at=$((at - 1)); fi
  before=\${COMP_WORDS[at - 1]} name=\${COMP_WORDS[1]}
  COMPREPLY=()
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
    files: '_files',
    nothing: ':',
  };
  const described = outermost(commands).map(
    ({ paths: [name = ''], description }) =>
      `      ${quoted(`${name}:${description.replaceAll(':', '\\:')}`)}`,
  );
  return `#compdef bunny
_bunny() {
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

function fish(commands: readonly CompletedCommand[]): string {
  const lines = ['complete -c bunny -f'];
  for (const { paths, description, flags, operand } of commands) {
    const steps = (paths[0] ?? '').split(' ');
    const above = steps.slice(0, -1).map((step) => `__fish_seen_subcommand_from ${step}`);
    const names = paths.map((path) => path.split(' ').at(-1));
    const offered = above.length === 0 ? '__fish_use_subcommand' : above.join('; and ');
    const chosen = [...above, `__fish_seen_subcommand_from ${names.join(' ')}`].join('; and ');
    lines.push(`complete -c bunny -n ${quoted(offered)} -a ${names[0]} -d ${quoted(description)}`);
    const start = `complete -c bunny -n ${quoted(chosen)}`;
    for (const flag of flags) lines.push(`${start} ${fishFlag(flag)} -d ${quoted(flag.description)}`);
    if (operand === 'file') lines.push(`${start} -F`);
    // Commands below this one have lines of their own.
    else if (Array.isArray(operand) && !hasCommandsBelow(commands, paths)) {
      lines.push(`${start} -a ${quoted(operand.join(' '))}`);
    }
  }
  return lines.join('\n');
}

function fishFlag({ names, value }: CompletedFlag): string {
  const written = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const follows =
    value === undefined
      ? []
      : value === 'file'
        ? ['-r -F']
        : value === 'any'
          ? ['-x']
          : [`-x -a ${quoted(value.join(' '))}`];
  return [...written, ...follows].join(' ');
}

/** How a shell offers what may be written in a place. */
interface ShellWords {
  words(words: readonly string[]): string;
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
    place === 'file' ? script.files : place === 'any' ? script.nothing : script.words(place);
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

function hasCommandsBelow(commands: readonly CompletedCommand[], paths: readonly string[]): boolean {
  return commands.some((command) => command.paths[0]?.startsWith(`${paths[0]} `));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
