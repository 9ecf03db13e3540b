import { type Command, commonFlags, type Example, isGroup, type Program, shown } from '../options/command.js';
import { type Flag, longName } from '../options/flag.js';
import { networkFlags } from '../options/flags.js';

/** What a manual says of a command, whatever it is printed with. */
export interface Page {
  /** `bunny cache prune` */
  path: string;
  /** Its last word may be one of these as well. */
  otherNames: readonly string[];
  about: string;
  /** What follows its path: `[options] <REF>`. */
  synopsis: string;
  /** Paragraphs, each in one line. */
  notes: readonly string[];
  operands: readonly Described[];
  flags: readonly DescribedFlag[];
  examples: readonly Example[];
}

export interface Described {
  name: string;
  about: string;
}

export interface DescribedFlag {
  /** `-f`, `--file` */
  names: readonly string[];
  placeholder: string | undefined;
  about: string;
  /** Who has it: this command, all that talk to registries, or all. */
  owner: 'command' | 'network' | 'every command';
}

/** A page for each command, in the order of `--help`. */
export function pagesOf({ name, commands }: Program): Page[] {
  return shown(commands).flatMap((declared) =>
    isGroup(declared)
      ? shown(declared.commands).map((command) => pageOf(command, `${name} ${declared.name}`))
      : [pageOf(declared, name)],
  );
}

function pageOf(
  { name, aliases = [], about, operands, flags, notes, examples }: Command,
  above: string,
): Page {
  return {
    path: `${above} ${name}`,
    otherNames: aliases,
    about,
    synopsis: ['[options]', ...operands.map(({ words }) => words)].join(' '),
    notes: paragraphsOf(notes),
    operands: operands.flatMap(({ words, about: text, choices }) => {
      const told = text ?? choices?.join(', ');
      return told === undefined ? [] : [{ name: words.replace(/[<>[\]]/g, ''), about: told }];
    }),
    flags: Object.entries(flags).flatMap(([key, flag]) => described(key, flag)),
    examples,
  };
}

/** Paragraphs of a text that is broken into lines. */
export function paragraphsOf(text = ''): string[] {
  return text
    .split('\n\n')
    .map((paragraph) => paragraph.replaceAll('\n', ' ').trim())
    .filter((paragraph) => paragraph !== '');
}

/** A description, as a sentence. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

function described(key: string, flag: Flag<unknown>): DescribedFlag[] {
  const { short, placeholder, about, negated, choices, required } = flag;
  const owner = isOf(commonFlags, key, flag)
    ? 'every command'
    : isOf(networkFlags, key, flag)
      ? 'network'
      : 'command';
  const names = [...(short === undefined ? [] : [`-${short}`]), longName(key)];
  const notes = [
    ...(required === true ? ['required'] : []),
    ...(choices === undefined || choices.every((each) => about.includes(each)) ? [] : [choices.join(', ')]),
  ];
  const text = notes.length === 0 ? about : `${about} (${notes.join('; ')})`;
  const itself: DescribedFlag = { names, placeholder, about: text, owner };
  if (negated === undefined) return [itself];
  return [
    itself,
    { names: [longName(key).replace('--', '--no-')], placeholder: undefined, about: negated, owner },
  ];
}

function isOf(flags: Readonly<Record<string, Flag<unknown>>>, key: string, flag: Flag<unknown>): boolean {
  return flags[key] === flag;
}
