import type { Command, Example, Program } from './command.js';

/** What `--help` of the program has below its commands. */
export function programNotes({ notes, environment, statuses }: Program): string {
  const width = longest(environment.map(([names]) => names).filter((names) => names.length < 20));
  const variables = environment.map(([names, about]) => `  ${names.padEnd(width)}  ${about}`);
  const meanings = statuses.map(([status, meaning]) => `${status} ${meaning}`).join(', ');
  return `\n${notes}\n\nEnvironment:\n${variables.join('\n')}\n\n${wrapped(`Exit status: ${meanings}.`)}`;
}

/** What `--help` of a command has below its flags: empty where it says no more. */
export function commandNotes({ notes, examples }: Command): string {
  const parts = [
    ...(notes === undefined ? [] : [notes]),
    ...(examples.length === 0
      ? []
      : [`${examples.length === 1 ? 'Example' : 'Examples'}:\n${table(examples)}`]),
  ];
  return parts.map((part) => `\n${part}`).join('\n');
}

function table(examples: readonly Example[]): string {
  const width = longest(examples.filter(([, note]) => note !== undefined).map(([line]) => line));
  return examples
    .map(([line, note]) => {
      const text = note === undefined ? line : `${line.padEnd(width)}   ${note}`;
      return `  ${text.replaceAll('\n', '\n  ')}`;
    })
    .join('\n');
}

/** In lines of at most 100 characters. */
function wrapped(text: string): string {
  return text.replace(/(.{1,100})(?: |$)/g, '$1\n').trimEnd();
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}
