import type { Example, Program } from '../options/command.js';
import { type Described, type DescribedFlag, type Page, pagesOf, sentence } from './page.js';

/** The page of the reference about all commands. */
export function commandReference(program: Program, notice: string): string {
  const pages = pagesOf(program);
  const all = pages.flatMap(({ flags }) => flags);
  return paragraphs([
    '# Commands',
    notice,
    program.notes,
    ...pages.flatMap(section),
    '## Flags of every command',
    flagTable(uniqueOf(all, 'every command')),
    '## Flags of commands that talk to registries',
    flagTable(uniqueOf(all, 'network')),
    '## Environment',
    table(
      ['Variable', 'Meaning'],
      program.environment.map(([names, about]) => [names.replace(/\w+/g, '`$&`'), sentence(about)]),
    ),
    '## Exit status',
    table(
      ['Status', 'Meaning'],
      program.statuses.map(([status, meaning]) => [String(status), sentence(meaning)]),
    ),
  ]);
}

function section({ path, otherNames, about, synopsis, notes, operands, flags, examples }: Page): string[] {
  const also =
    otherNames.length === 0 ? [] : [`Also called ${otherNames.map((each) => `\`${each}\``).join(', ')}.`];
  const own = flags.filter(({ owner }) => owner === 'command');
  return [
    `## ${path}`,
    sentence(about),
    fenced(`${path} ${synopsis}`),
    ...also,
    ...(operands.length === 0 ? [] : [operandTable(operands)]),
    ...(own.length === 0 ? [] : [flagTable(own)]),
    `${own.length === 0 ? 'Flags' : 'Further flags'}: ${further(flags)}.`,
    ...notes,
    ...(examples.length === 0 ? [] : [fenced(exampleLines(examples))]),
  ];
}

function further(flags: readonly DescribedFlag[]): string {
  const every = '[of every command](#flags-of-every-command)';
  const network = '[of commands that talk to registries](#flags-of-commands-that-talk-to-registries)';
  return flags.some(({ owner }) => owner === 'network') ? `${every}, ${network}` : every;
}

function uniqueOf(flags: readonly DescribedFlag[], owner: DescribedFlag['owner']): DescribedFlag[] {
  const named = flags
    .filter((flag) => flag.owner === owner)
    .map((flag) => [flag.names.join(), flag] as const);
  return [...new Map(named).values()];
}

function operandTable(operands: readonly Described[]): string {
  return table(
    ['Operand', 'Meaning'],
    operands.map(({ name, about }) => [`\`${name}\``, sentence(about)]),
  );
}

function flagTable(flags: readonly DescribedFlag[]): string {
  return table(
    ['Flag', 'Meaning'],
    flags.map(({ names, placeholder, about }) => {
      const [last = '', ...before] = names.toReversed();
      const written = [...before, placeholder === undefined ? last : `${last} <${placeholder}>`];
      return [written.map((each) => `\`${each}\``).join(', '), sentence(about)];
    }),
  );
}

function exampleLines(examples: readonly Example[]): string {
  const width = examples.reduce(
    (most, [line, note]) => (note === undefined ? most : Math.max(most, line.length)),
    0,
  );
  return examples
    .map(([line, note]) => (note === undefined ? line : `${line.padEnd(width)}   # ${note}`))
    .join('\n');
}

function fenced(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function paragraphs(parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
