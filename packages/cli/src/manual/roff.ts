import type { Program } from '../options/command.js';
import { type Described, type DescribedFlag, type Page, pagesOf, paragraphsOf, sentence } from './page.js';

/** Manual pages in the macros of man(7): the name of each file, and what it holds. */
export function manualPages(program: Program, version: string): Map<string, string> {
  const pages = pagesOf(program);
  const release = `${program.name} ${version}`;
  return new Map([
    [`${program.name}.1`, programPage(program, pages, release)],
    ...pages.map((page) => [`${fileName(page)}.1`, commandPage(page, program.name, release)] as const),
  ]);
}

function programPage(program: Program, pages: readonly Page[], release: string): string {
  const { name, about, notes, environment, statuses } = program;
  return lines([
    heading(name, release),
    ...section('NAME', [`${text(name)} \\- ${text(about.replace(/^.*: /, '').replace(/\.$/, ''))}`]),
    ...section('SYNOPSIS', [`.B ${text(name)}`, `\\fICOMMAND\\fR [\\fIoptions\\fR] ...`]),
    ...section('DESCRIPTION', [text(about), ...paragraphsOf(notes).flatMap((each) => ['.PP', text(each)])]),
    ...section(
      'COMMANDS',
      pages.flatMap((page) => ['.TP', `\\fB${text(fileName(page))}\\fR(1)`, text(sentence(page.about))]),
    ),
    ...section(
      'ENVIRONMENT',
      items(environment.map(([names, meaning]) => ({ name: names, about: meaning }))),
    ),
    ...section(
      'EXIT STATUS',
      items(statuses.map(([status, meaning]) => ({ name: String(status), about: meaning }))),
    ),
  ]);
}

function commandPage(page: Page, program: string, release: string): string {
  const { path, otherNames, about, synopsis, notes, operands, flags, examples } = page;
  const also = otherNames.length === 0 ? [] : [`Also called ${otherNames.join(', ')}.`];
  return lines([
    heading(fileName(page), release),
    ...section('NAME', [`${text(fileName(page))} \\- ${text(about)}`]),
    ...section('SYNOPSIS', [`.B ${text(path)}`, text(synopsis)]),
    ...section('DESCRIPTION', [
      text(sentence(about)),
      ...[...also, ...notes].flatMap((paragraph) => ['.PP', text(paragraph)]),
    ]),
    ...(operands.length === 0 ? [] : section('OPERANDS', items(operands))),
    ...section('OPTIONS', flags.flatMap(flagLines)),
    ...section(
      'EXAMPLES',
      examples.flatMap(([line, note]) => [
        ...(note === undefined ? ['.PP'] : ['.TP', text(note)]),
        '.EX',
        ...line.split('\n').map(text),
        '.EE',
      ]),
    ),
    ...section('SEE ALSO', [`.BR ${text(program)} (1)`]),
  ]);
}

/** `bunny-cache-prune` */
function fileName({ path }: Page): string {
  return path.replaceAll(' ', '-');
}

function heading(name: string, release: string): string {
  return `.TH ${text(name.toUpperCase())} 1 "" "${text(release)}" "User Commands"`;
}

function section(title: string, content: readonly string[]): string[] {
  return [`.SH ${title}`, ...content];
}

function items(described: readonly Described[]): string[] {
  return described.flatMap(({ name, about }) => ['.TP', `.B ${text(name)}`, text(sentence(about))]);
}

function flagLines({ names, placeholder, about }: DescribedFlag): string[] {
  const written = names.map((name) => `\\fB${text(name)}\\fR`).join(', ');
  return [
    '.TP',
    placeholder === undefined ? written : `${written} \\fI${text(placeholder)}\\fR`,
    text(sentence(about)),
  ];
}

/** Nothing in it is a request or an escape of roff, and a dash can be copied as one. */
function text(words: string): string {
  const plain = words
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(
      /[^\n -~]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
  return plain.startsWith('.') ? `\\&${plain}` : plain;
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
