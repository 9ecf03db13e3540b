import { BunnyError, exitStatus, nearest, own, shellLine, suggestion } from 'bunny-libos-spec';
import type { Command, CommanderError } from 'commander';
import { isGroup, type Program } from './command.js';

/** Lets every command of a program throw its own mistakes as all other errors are told. `--help` is none. */
export function explainUsage(command: Command, program: Program): void {
  command.exitOverride((error) => {
    throw isHelp(error) ? error : usageError(error, command, program);
  });
  for (const child of command.commands) explainUsage(child, program);
}

/** Throws BUNNY_EUSAGE where the words ask for help on a command that there is not: the parser would give all there is. */
export function requireHelpTopic(words: readonly string[], parser: Command, program: Program): void {
  const [first, ...path] = words;
  if (first !== 'help') return;
  let command = parser;
  for (const word of path) {
    if (command.commands.length === 0 || word.startsWith('-') || word === 'help') return;
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (next === undefined) throw unknownTopic(word, command, program);
    command = next;
  }
}

function unknownTopic(word: string, command: Command, program: Program): BunnyError {
  return new BunnyError('BUNNY_EUSAGE', `unknown command '${word}'`, {
    where: pathOf(command),
    hint: meantCommand(word, command, program) ?? `${pathOf(command)} --help shows what there is`,
    exitStatus: exitStatus.usage,
  });
}

/** What commands that have another name now were called. */
const formerNames: Readonly<Record<string, string>> = {
  'bunny catalog update': 'bunny catalog rebuild',
  'bunny index update': 'bunny index rebuild',
};

function meantCommand(word: string, command: Command, program: Program): string | undefined {
  const now = own(formerNames, `${pathOf(command)} ${word}`);
  if (now !== undefined) return `it is called \`${now}\` now`;
  const ours = command.parent === null ? called(word, program) : [];
  if (ours.length > 0) return ours.join('\n');
  const [only, other] = command.commands;
  const near = suggestion(word, namesBelow(command));
  if (near !== undefined || only === undefined || other !== undefined) return near;
  return `write \`${shellLine([...pathOf(only).split(' '), word])}\``;
}

/** Our commands for what other tools call so. */
function called(word: string, { name, commands }: Program): string[] {
  return commands.flatMap((declared) =>
    (isGroup(declared) ? declared.commands : [declared])
      .filter(({ otherWords = [] }) => otherWords.includes(word))
      .map((command) => {
        const path = isGroup(declared) ? [name, declared.name, command.name] : [name, command.name];
        return `\`${path.join(' ')}\`: ${command.about}`;
      }),
  );
}

/** Whether what ends the reading of a command line is that help, or the version, was printed. */
function isHelp({ code, exitCode }: CommanderError): boolean {
  return exitCode === 0 || code === 'commander.help';
}

/** The error for a command line that cannot be read, by what the command that refuses it takes. */
function usageError({ code, message }: CommanderError, command: Command, program: Program): BunnyError {
  const summary = message
    .replace(/^error: /, '')
    .replace(
      /^command-argument value '(.*)' is invalid for argument '(.*?)'\./s,
      "argument '$2': '$1' is invalid.",
    )
    .replace(/\.$/, '');
  // A command that nobody knows may hold quotes itself.
  const quoted = code === 'commander.unknownCommand' ? /'(.*)'$/s : /'([^']*)'/;
  const [, word = ''] = quoted.exec(summary) ?? [];
  const near =
    code === 'commander.unknownOption'
      ? (online(word, command) ?? misplaced(word, command) ?? nearFlag(word, command))
      : code === 'commander.unknownCommand'
        ? meantCommand(word, command, program)
        : undefined;
  return new BunnyError('BUNNY_EUSAGE', summary, {
    where: pathOf(command),
    hint: near ?? `${pathOf(command)} --help shows what there is`,
    exitStatus: exitStatus.usage,
  });
}

/** Why a command that others would lead to expect it of has no `--offline`. */
function online(word: string, command: Command): string | undefined {
  const asksRegistries = command.options.some(({ long }) => long === '--plain-http');
  if (word !== '--offline' || !asksRegistries) return undefined;
  return `\`${pathOf(command)}\` needs the registry itself: what it is about is not kept in the store`;
}

/** A flag before the command that takes it. */
function misplaced(word: string, command: Command): string | undefined {
  const takes = ({ options }: Command) => options.some(({ long, short }) => long === word || short === word);
  if (!command.commands.some(takes)) return undefined;
  return `flags come after the command: \`${pathOf(command)} COMMAND ${word}\``;
}

function nearFlag(word: string, { options }: Command): string | undefined {
  // Two dashes in common do not make two words alike.
  const names = [...options.flatMap(({ long }) => long ?? []), '--help'].map((flag) => flag.slice(2));
  const near = nearest(word.replace(/^-+/, ''), names).map((name) => `--${name}`);
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
}

function namesBelow({ commands }: Command): string[] {
  return commands.flatMap((command) => [command.name(), ...command.aliases()]);
}

/** `bunny cache prune` */
function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
