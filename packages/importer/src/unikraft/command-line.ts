import { BunnyError } from 'bunny-libos-spec';

/** One program with its words, as a line of a `.cmd` file has it. */
export interface Command {
  words: string[];
  /** The file that its output goes to. */
  out?: string | undefined;
}

/** Characters that mean something else to a shell where they stand outside quotes. */
const special = /[$`()<*?[\]~#!\n]/;

/**
 * The programs that a `.cmd` file runs, in order. It is a line of shell: words, quotes, `&&`, `;` and `>`; a pipe after
 * `2>&1` only filters messages, and is left out. Whatever else a shell would act upon is refused: nothing is expanded
 * here. Throws BUNNY_EIMPORT.
 */
export function readCommands(text: string, where: string): Command[] {
  const commands: Command[] = [];
  let command: Command = { words: [] };
  let isFilter = false;
  const end = () => {
    if (command.words.length > 0) commands.push(command);
    command = { words: [] };
    isFilter = false;
  };
  const tokens = tokensOf(text.trim(), where);
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    if (token.operator === undefined) {
      if (!isFilter) command.words.push(token.word);
    } else if (token.operator === '2>&1') isFilter = true;
    else if (isFilter && token.operator !== '&&') continue;
    else if (token.operator === '&&' || token.operator === ';') end();
    else if (token.operator === '>' && tokens[0]?.operator === undefined)
      command.out = tokens.shift()?.word ?? '';
    else throw unreadable(where, `it has ${token.operator}`);
  }
  end();
  return commands;
}

type Token = { word: string; operator?: undefined } | { operator: string; word?: undefined };

function tokensOf(text: string, where: string): Token[] {
  const tokens: Token[] = [];
  const operator = /^(?:2>&1|&&|\|\||[;|>&])/;
  let rest = text;
  for (;;) {
    rest = rest.trimStart();
    if (rest === '') return tokens;
    const [found] = operator.exec(rest) ?? [];
    if (found !== undefined) {
      tokens.push({ operator: found });
      rest = rest.slice(found.length);
      continue;
    }
    const { word, length } = readWord(rest, where);
    tokens.push({ word });
    rest = rest.slice(length);
  }
}

function readWord(text: string, where: string): { word: string; length: number } {
  let word = '';
  let index = 0;
  let quote = '';
  for (; index < text.length; index++) {
    const char = text[index] ?? '';
    if (quote === "'") {
      if (char === "'") quote = '';
      else word += char;
    } else if (char === '\\' && (quote === '' || /["\\$`]/.test(text[index + 1] ?? ''))) {
      word += text[++index] ?? '';
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else if (/[$`]/.test(char)) throw unreadable(where, `it has ${char} in quotes`);
      else word += char;
    } else if (char === '"' || char === "'") quote = char;
    else if (/[\s;|>&]/.test(char)) break;
    else if (special.test(char) && !(char === '~' && word !== '') && !(char === '#' && word !== ''))
      throw unreadable(where, `it has ${JSON.stringify(char)}`);
    else word += char;
  }
  if (quote !== '') throw unreadable(where, 'a quote is not closed');
  return { word, length: index };
}

function unreadable(where: string, why: string): BunnyError {
  return new BunnyError('BUNNY_EIMPORT', `the recorded command is none that Unikraft writes: ${why}`, {
    where,
    hint: 'import a tree that make of Unikraft 0.17 has finished, and nothing has changed since',
  });
}
