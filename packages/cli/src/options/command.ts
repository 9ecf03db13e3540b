import type { Terminal } from '../terminal/terminal.js';
import { type AskedValues, type Flags, type FlagValues, toggle } from './flag.js';

/** Flags that every command has. */
export const commonFlags = {
  json: toggle('print one JSON document on stdout'),
  quiet: toggle('print only warnings, errors, and what was asked for', { short: 'q' }),
};

/** What a command gets: its flags, a terminal, and a signal that Ctrl-C raises. */
export interface Run<Declared = object> {
  flags: FlagValues<typeof commonFlags & Declared>;
  terminal: Terminal;
  signal: AbortSignal;
  program: Program;
}

/** An operand: `<NAME>`, `[NAME]` where it may be left out, `[NAME...]` or `<NAME...>` for any number. */
export interface Operand {
  readonly words: string;
  readonly about?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  /** Not the name of anything: other empty words were to be variables of a script, and are refused. */
  readonly mayBeEmpty?: boolean | undefined;
  /** What a shell offers for it. */
  readonly complete?: AskedValues | undefined;
}

/** What a command gets of an operand whose words these are; each is one of `Word`. */
type OperandValue<Words, Word> = Words extends `${string}...${string}`
  ? Word[]
  : Words extends `[${string}`
    ? Word | undefined
    : Word;

type OperandValues<Declared extends readonly Operand[]> = {
  [Index in keyof Declared]: OperandValue<
    Declared[Index]['words'],
    Declared[Index] extends { choices: readonly (infer Choice)[] } ? Choice : string
  >;
};

/** A command line, and what it is for where that needs saying. A line that goes on has further lines. */
export type Example = readonly [commandLine: string, note?: string];

/** A command as it is declared: all that its parser, `--help`, completion, manual page and reference are made from. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  /** What other tools call it: whoever types that is told its name. */
  readonly otherWords?: readonly string[] | undefined;
  /** One line, as it stands beside the name. */
  readonly about: string;
  readonly operands: readonly Operand[];
  readonly flags: Flags;
  /** Paragraphs, with empty lines between them, in lines of at most 120 characters. */
  readonly notes?: string | undefined;
  readonly examples: readonly Example[];
  /** For scripts of ours, not for people. */
  readonly hidden?: boolean | undefined;
  /** Does it, and gives the exit status. What that takes is loaded when it is called. */
  run(context: Run, ...operands: unknown[]): Promise<number>;
}

/** Commands below one word, such as `cache`. */
export interface CommandGroup {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly Command[];
}

/** The whole command line. */
export interface Program {
  readonly name: string;
  readonly about: string;
  readonly notes: string;
  /** Variables (several with commas between) and what they are for. */
  readonly environment: readonly (readonly [names: string, about: string])[];
  /** Exit statuses, and what they mean. */
  readonly statuses: readonly (readonly [status: number, meaning: string])[];
  readonly commands: readonly (Command | CommandGroup)[];
}

/** The module that holds what a command does: it takes what is declared. */
type Load<Declared extends Flags, Operands extends readonly Operand[]> = () => Promise<{
  run: (context: Run<Declared>, ...operands: OperandValues<Operands>) => Promise<number>;
}>;

/** Declares a command. `load` imports what it does, whose flags and operands are those that are declared. */
export function command<const Declared extends Flags, const Operands extends readonly Operand[] = []>(
  {
    flags,
    operands,
    examples,
    ...rest
  }: Omit<Command, 'operands' | 'flags' | 'examples' | 'run'> & {
    operands?: Operands | undefined;
    flags: Declared;
    examples?: readonly Example[] | undefined;
  },
  load: Load<Declared, Operands>,
): Command {
  return {
    ...rest,
    operands: operands ?? [],
    flags: { ...commonFlags, ...flags },
    examples: examples ?? [],
    run: async (context, ...words) => {
      const { run } = await load();
      // The parser gives what is declared.
      // biome-ignore lint/plugin: as many as the command line has, which the kernel bounds
      return run(context as Run<Declared>, ...(words as OperandValues<Operands>));
    },
  };
}

/** Commands for people. */
export function shown<Kind extends Command | CommandGroup>(commands: readonly Kind[]): Kind[] {
  return commands.filter((each) => !('hidden' in each && each.hidden === true));
}

export function isGroup(declared: Command | CommandGroup): declared is CommandGroup {
  return 'commands' in declared;
}
