import { type Command, type CommandGroup, isGroup, type Operand, type Program, shown } from './command.js';
import { type AskedValues, type Flag, longName } from './flag.js';

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
export function completedCommands({ commands }: Program): CompletedCommand[] {
  const people = shown(commands);
  return [
    ...people.flatMap((declared) =>
      isGroup(declared)
        ? [
            completedGroup(declared),
            ...shown(declared.commands).map((each) => completed(each, declared.name)),
          ]
        : [completed(declared)],
    ),
    ...helpTopics(people),
  ];
}

function completedGroup({ name, about, commands }: CommandGroup): CompletedCommand {
  return { paths: [name], description: about, flags: [help], operand: namesOf(shown(commands)) };
}

function completed(
  { name, aliases = [], about, flags, operands }: Command,
  above?: string,
): CompletedCommand {
  const paths = [name, ...aliases].map((each) => (above === undefined ? each : `${above} ${each}`));
  const [operand] = operands;
  return {
    paths,
    description: about,
    flags: [...Object.entries(flags).flatMap(([key, flag]) => completedFlags(key, flag)), help],
    operand: operand === undefined ? undefined : placeOf(operand),
  };
}

/** `bunny help`, and what may follow it. */
function helpTopics(commands: readonly (Command | CommandGroup)[]): CompletedCommand[] {
  const topic = (path: string, below: readonly { name: string }[]): CompletedCommand => ({
    paths: [path],
    description: 'display help for command',
    flags: [],
    operand: namesOf(below),
  });
  const groups = commands.filter(isGroup);
  return [
    topic('help', commands),
    ...groups.map((group) => topic(`help ${group.name}`, shown(group.commands))),
  ];
}

function namesOf(commands: readonly { name: string }[]): string[] {
  return commands.map(({ name }) => name);
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

function completedFlags(key: string, flag: Flag<unknown>): CompletedFlag[] {
  const { about, short, placeholder, negated } = flag;
  const names = [longName(key), ...(short === undefined ? [] : [`-${short}`])];
  const value = placeholder === undefined ? undefined : placeFor(placeholder, flag);
  const itself: CompletedFlag = { names, description: about, value };
  if (negated === undefined) return [itself];
  return [itself, { names: [longName(key).replace('--', '--no-')], description: negated, value: undefined }];
}

function placeOf(operand: Operand): Place {
  return placeFor(operand.words.replace(/[<>[\].]/g, ''), operand);
}

function placeFor(
  placeholder: string,
  { choices, complete }: { choices?: readonly string[] | undefined; complete?: AskedValues | undefined },
): Place {
  if (choices !== undefined) return choices;
  if (complete !== undefined) return { ask: complete };
  return fileWords.has(placeholder) ? 'file' : 'any';
}
