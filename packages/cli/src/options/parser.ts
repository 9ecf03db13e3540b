import * as commander from 'commander';
import { type Command, type CommandGroup, isGroup, type Operand, type Program } from './command.js';
import { type Flag, longName, spelling } from './flag.js';
import { commandNotes, programNotes } from './help.js';
import { eachFilled, filled } from './values.js';

/** What is done with a command line that was read: the command, its flags by their keys, and its operands. */
export type Act = (command: Command, flags: object, operands: readonly unknown[]) => Promise<void>;

/** A program as commander reads this command line of it: of the command alone that the first word names, if it does. */
export function parserOf(
  program: Program,
  version: string,
  [first = '']: readonly string[],
  act: Act,
): commander.Command {
  const parser = new commander.Command(program.name)
    .description(program.about)
    .version(`${program.name} ${version}`, '-V, --version')
    .showSuggestionAfterError(false)
    .configureOutput({ outputError: () => undefined })
    .enablePositionalOptions()
    .addHelpText('after', programNotes(program));
  const named = program.commands.filter((each) => namesOf(each).includes(first));
  for (const declared of named.length > 0 ? named : program.commands) {
    if (!isGroup(declared)) addCommand(parser, declared, act);
    else {
      const group = parser.command(declared.name).description(declared.about);
      for (const command of declared.commands) addCommand(group, command, act);
    }
  }
  return parser;
}

function namesOf(declared: Command | CommandGroup): readonly string[] {
  return isGroup(declared) ? [declared.name] : [declared.name, ...(declared.aliases ?? [])];
}

function addCommand(parent: commander.Command, declared: Command, act: Act): void {
  const { name, about, aliases = [], hidden = false, operands, flags } = declared;
  const command = parent.command(name, { hidden }).description(about);
  for (const alias of aliases) command.alias(alias);
  for (const operand of operands) command.addArgument(argumentOf(operand));
  for (const [key, flag] of Object.entries(flags)) {
    command.addOption(optionOf(key, flag));
    if (flag.negated !== undefined) {
      command.option(longName(key).replace('--', '--no-'), flag.negated);
    }
  }
  const notes = commandNotes(declared);
  if (notes !== '') command.addHelpText('after', notes);
  command.action((...given: unknown[]) => act(declared, given.at(-2) as object, given.slice(0, -2)));
}

function argumentOf({ words, about, choices, mayBeEmpty = false }: Operand): commander.Argument {
  const argument = new commander.Argument(words, about);
  if (choices !== undefined) return argument.choices(choices);
  if (mayBeEmpty) return argument;
  return argument.variadic ? argument.argParser(eachFilled) : argument.argParser(filled);
}

function optionOf(key: string, flag: Flag<unknown>): commander.Option {
  const option = new commander.Option(spelling(key, flag), flag.about).makeOptionMandatory(
    flag.required === true,
  );
  if (flag.choices !== undefined) option.choices(flag.choices);
  if (flag.excludes !== undefined) option.conflicts(flag.excludes);
  const { read } = flag;
  if (read !== undefined) option.argParser((word, before: unknown) => read(word, before));
  return option;
}
