import type { Argument, Command, Option } from 'commander';

/** What may be written in a place: one of these words, the path of a file, or what nobody can foresee. */
export type Place = readonly string[] | 'file' | 'any';

export interface CompletedFlag {
  /** `--file`, `-f` */
  names: readonly string[];
  description: string;
  /** What follows it. Undefined where nothing does. */
  value: Place | undefined;
}

export interface CompletedCommand {
  /** `index rebuild`, and the same by its other names. */
  paths: readonly string[];
  description: string;
  flags: readonly CompletedFlag[];
  /** What it takes beside flags. Undefined where it takes nothing. */
  operand: Place | undefined;
}

/** Every command of a program, outermost first, with what a completion of it can offer. */
export function completedCommands(program: Command, above: readonly string[] = []): CompletedCommand[] {
  return program.commands.flatMap((command) => {
    const paths = [command.name(), ...command.aliases()].map((name) => [...above, name].join(' '));
    const children = command.commands.map((child) => child.name());
    const [operand] = command.registeredArguments;
    return [
      {
        paths,
        description: command.description(),
        flags: [...command.options.map(flagOf), help],
        operand: children.length > 0 ? children : operand === undefined ? undefined : placeOf(operand),
      },
      ...completedCommands(command, [...above, command.name()]),
    ];
  });
}

const help: CompletedFlag = {
  names: ['--help', '-h'],
  description: 'display help for command',
  value: undefined,
};

/** Words that stand for the path of a file in `--help`. */
const fileWords = new Set(['DIR', 'FILE', 'LOCK', 'PATH']);

function flagOf(option: Option): CompletedFlag {
  const [, placeholder = ''] = /<([^>]+)>/.exec(option.flags) ?? [];
  return {
    names: [option.long, option.short].filter((name) => name != null),
    description: option.description,
    value: option.required || option.optional ? placeFor(placeholder, option.argChoices) : undefined,
  };
}

function placeOf(argument: Argument): Place {
  return placeFor(argument.name(), argument.argChoices);
}

function placeFor(placeholder: string, choices: readonly string[] | undefined): Place {
  return choices ?? (fileWords.has(placeholder) ? 'file' : 'any');
}
