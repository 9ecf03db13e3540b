import { BunnyError, exitStatus } from '@bunny/spec';
import type { Command } from 'commander';
import type { CommonFlags, Run } from '../action.js';

/** The command that prints a completion script for a program. */
export function completionFor(program: Command): {
  run: (run: Run<CommonFlags>, shell: string) => Promise<number>;
} {
  return {
    run: async ({ terminal }, shell) => {
      const script = scripts[shell];
      if (script === undefined) {
        throw new BunnyError('BUNNY_ESHELL', `no completion for ${shell}`, {
          hint: `choose one of: ${Object.keys(scripts).join(', ')}`,
          exitStatus: exitStatus.usage,
        });
      }
      terminal.print(script(commandTree(program)));
      return exitStatus.done;
    },
  };
}

interface CommandWords {
  /** `index rebuild` */
  path: string;
  description: string;
  words: readonly string[];
}

function commandTree(program: Command, prefix: readonly string[] = []): CommandWords[] {
  return program.commands.flatMap((command) => {
    const path = [...prefix, command.name()];
    const flags = command.options.flatMap((option) => option.long ?? []);
    const children = command.commands.map((child) => child.name());
    return [
      { path: path.join(' '), description: command.description(), words: [...children, ...flags, '--help'] },
      ...commandTree(command, path),
    ];
  });
}

const scripts: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: (commands) => `_bunny() {
  local cur=\${COMP_WORDS[COMP_CWORD]} path=\${COMP_WORDS[1]}
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${nested(commands)
  .map(({ path }) => `    '${path}') path='${path}' ;;`)
  .join('\n')}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${topLevel(commands)}' -- "$cur"))
    return
  fi
  case "$path" in
${commands.map(({ path, words }) => `    '${path}') COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur")) ;;`).join('\n')}
  esac
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _bunny bunny`,

  zsh: (commands) => `#compdef bunny
_bunny() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commands
  .filter(({ path }) => !path.includes(' '))
  .map(({ path, description }) => `      ${quoted(`${path}:${description}`)}`)
  .join('\n')}
    )
    _describe command commands
    return
  fi
  case "$words[2]" in
${commands
  .filter(({ path }) => !path.includes(' '))
  .map(({ path, words }) => `    ${path}) compadd -- ${words.join(' ')} ;;`)
  .join('\n')}
  esac
  _files
}
compdef _bunny bunny`,

  fish: (commands) =>
    commands
      .flatMap(({ path, description, words }) => {
        const steps = path.split(' ');
        const name = steps.at(-1);
        const seen = steps.slice(0, -1).map((step) => `__fish_seen_subcommand_from ${step}`);
        const condition = seen.length === 0 ? '__fish_use_subcommand' : seen.join('; and ');
        return [
          `complete -c bunny -n ${quoted(condition)} -a ${name} -d ${quoted(description)}`,
          ...words
            .filter((word) => word.startsWith('--'))
            .map((word) => `complete -c bunny -n '__fish_seen_subcommand_from ${name}' -l ${word.slice(2)}`),
        ];
      })
      .join('\n'),
};

function topLevel(commands: readonly CommandWords[]): string {
  return commands
    .filter(({ path }) => !path.includes(' '))
    .map(({ path }) => path)
    .join(' ');
}

function nested(commands: readonly CommandWords[]): CommandWords[] {
  return commands.filter(({ path }) => path.includes(' '));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
