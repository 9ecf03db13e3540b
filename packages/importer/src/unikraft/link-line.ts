import type { Command } from './command-line.js';
import { refused } from './refused.js';

/** How the image of a tree was linked, from `IMG.dbg.cmd`. */
export interface LinkLine {
  /** The image without `.dbg`, as an absolute path. */
  image: string;
  /** The compiler driver. */
  program: string;
  /** Words before the objects, and after them without scripts and output. */
  before: string[];
  after: string[];
  /** Names of the libraries, the app among them, in order. */
  libraries: string[];
  defaultScript: string;
  /** In order. */
  extraScripts: string[];
}

/** Throws BUNNY_EIMPORT for a line that is not one of Unikraft's. `build`: the directory, as the tree has it. */
export function readLinkLine(commands: readonly Command[], build: string, where: string): LinkLine {
  const [command, ...more] = commands;
  if (command === undefined || more.length > 0) throw odd('it is not one command', where);
  const [program = '', ...words] = command.words;
  const line: LinkLine = {
    image: '',
    program,
    before: [],
    after: [],
    libraries: [],
    defaultScript: '',
    extraScripts: [],
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, kind, script = ''] = /^-Wl,-(dT|T),(.*)$/.exec(word) ?? [];
    if (kind === 'dT') line.defaultScript = script;
    else if (kind === 'T') line.extraScripts.push(script);
    else if (word === '-o') line.image = (words.shift() ?? '').replace(/\.dbg$/, '');
    else if (word.startsWith('/')) {
      const [, name] = new RegExp(`^${escaped(build)}/([^/]+)\\.o$`).exec(word) ?? [];
      if (name === undefined) throw odd(`it links ${word}`, where);
      line.libraries.push(name);
    } else (line.libraries.length === 0 ? line.before : line.after).push(word);
  }
  if (line.image === '' || line.libraries.length === 0) throw odd('it links nothing', where);
  if (line.defaultScript === '') throw odd('it has no default linker script', where);
  return line;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function odd(why: string, where: string): Error {
  return refused(`the image was not linked as Unikraft links: ${why}`, where, 'rebuild the tree, unchanged');
}
