import { type CompletedCommand, type CompletedFlag, type Place, valuesCommand } from './completion-words.js';

/** The script that completes these commands in fish. */
export function fish(commands: readonly CompletedCommand[]): string {
  const lines = [...helpers, 'complete -c bunny -f'];
  for (const { paths, description, flags, operand } of commands) {
    const steps = (paths[0] ?? '').split(' ');
    const [name = ''] = steps.slice(-1);
    const above = steps.slice(0, -1).join(' ');
    // Topics of help are the same words as its operands.
    if (steps[0] !== 'help' || steps.length === 1) {
      lines.push(
        `complete -c bunny -n ${quoted(`__bunny_is ${above}`.trim())} -a ${name} -d ${quoted(description)}`,
      );
    }
    const chosen = paths.map((path) => `__bunny_uses ${path}`).join('; or ');
    const start = `complete -c bunny -n ${quoted(chosen)}`;
    for (const flag of flags) lines.push(`${start} ${fishFlag(flag)} -d ${quoted(flag.description)}`);
    if (operand === undefined || operand === 'any') continue;
    // Commands below this one have lines of their own.
    if (commands.some((command) => command.paths[0]?.startsWith(`${paths[0]} `)) && name !== 'help') continue;
    const exact = steps[0] === 'help' ? `complete -c bunny -n ${quoted(`__bunny_is ${paths[0]}`)}` : start;
    lines.push(`${exact} ${offered(operand)}`);
  }
  return lines.join('\n');
}

/**
 * `__bunny_uses a b`: the command line begins with these words, and has no `--` before the cursor. `__bunny_is a b`:
 * it has just these. `__bunny_values`: what is asked for.
 */
const helpers = [
  `function __bunny_uses
  set -l words (commandline -opc)
  set -e words[1]
  if contains -- -- $words; or test (count $words) -lt (count $argv)
    return 1
  end
  test "$argv" = (string join ' ' -- $words[1..(count $argv)])
end`,
  `function __bunny_is
  set -l words (commandline -opc)
  test (count $words) -eq (math 1 + (count $argv)); or return 1
  test (count $argv) -eq 0; or __bunny_uses $argv
end`,
  `function __bunny_values
  set -l words (commandline -opc)
  set -l word (string replace -r -- '^--[^=]*=' '' (commandline -ct))
  command $words[1] ${valuesCommand} $argv -- "$word" 2>/dev/null
end`,
];

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
          : [`-x ${offered(value)}`];
  return [...written, ...follows].join(' ');
}

function offered(place: Exclude<Place, 'any'>): string {
  if (place === 'file') return '-F';
  return `-a ${quoted('ask' in place ? `(__bunny_values ${place.ask})` : place.join(' '))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
