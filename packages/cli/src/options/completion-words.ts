import type { Argument, Command, Option } from 'commander';

/** What only the project and the store know: `bunny completion-values` tells it while somebody types. */
export const askedValues = [
  'architectures',
  'platforms',
  'frameworks',
  'dependencies',
  'locked',
  'published',
] as const;
export type AskedValues = (typeof askedValues)[number];

/** What may be written in a place: one of these words, what is asked for, the path of a file, or what nobody can foresee. */
export type Place = readonly string[] | { ask: AskedValues } | 'file' | 'any';

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
export function completedCommands(program: Command): CompletedCommand[] {
  return [...commandsBelow(program, []), ...helpTopics(program)];
}

function commandsBelow(parent: Command, above: readonly string[]): CompletedCommand[] {
  return shown(parent).flatMap((command) => {
    const paths = [command.name(), ...command.aliases()].map((name) => [...above, name].join(' '));
    const children = shown(command).map((child) => child.name());
    const [operand] = command.registeredArguments;
    return [
      {
        paths,
        description: command.description(),
        flags: [...command.options.map(flagOf), help],
        operand:
          children.length > 0
            ? children
            : operand === undefined
              ? undefined
              : placeOf(operand, [...above, command.name()].join(' ')),
      },
      ...commandsBelow(command, [...above, command.name()]),
    ];
  });
}

/** `bunny help`, and what may follow it. */
function helpTopics(program: Command): CompletedCommand[] {
  const topic = (path: string, command: Command): CompletedCommand => ({
    paths: [path],
    description: 'display help for command',
    flags: [],
    operand: shown(command).map((child) => child.name()),
  });
  const groups = shown(program).filter((command) => command.commands.length > 0);
  return [topic('help', program), ...groups.map((command) => topic(`help ${command.name()}`, command))];
}

/** Commands for people. */
function shown({ commands }: Command): readonly Command[] {
  return commands.filter((command) => command.name() !== valuesCommand);
}

/** The command that the scripts ask. */
export const valuesCommand = 'completion-values';

const help: CompletedFlag = {
  names: ['--help', '-h'],
  description: 'display help for command',
  value: undefined,
};

/** Words that stand for the path of a file in `--help`. */
const fileWords = new Set(['DIR', 'FILE', 'KEY', 'LOCK', 'PATH']);

/** What is asked for where a flag has a value, or a command an operand. */
const asked: Readonly<Record<string, AskedValues>> = {
  '--arch': 'architectures',
  '--platform': 'platforms',
  '--framework': 'frameworks',
  add: 'published',
  remove: 'dependencies',
  update: 'locked',
  tree: 'locked',
  why: 'locked',
};

function flagOf(option: Option): CompletedFlag {
  const [, placeholder = ''] = /<([^>]+)>/.exec(option.flags) ?? [];
  return {
    names: [option.long, option.short].filter((name) => name != null),
    description: option.description,
    value:
      option.required || option.optional
        ? placeFor(option.long ?? '', placeholder, option.argChoices)
        : undefined,
  };
}

function placeOf(argument: Argument, command: string): Place {
  return placeFor(command, argument.name(), argument.argChoices);
}

function placeFor(owner: string, placeholder: string, choices: readonly string[] | undefined): Place {
  const ask = asked[owner];
  return choices ?? (ask !== undefined ? { ask } : fileWords.has(placeholder) ? 'file' : 'any');
}
