/** What a part of a pattern without `/` is made of. */
export type GlobNode =
  | { kind: 'text'; text: string }
  | { kind: 'any' }
  | { kind: 'some' }
  | { kind: 'set'; has: (character: string) => boolean }
  | { kind: 'group'; sign: '@' | '?' | '*' | '+' | '!'; choices: readonly (readonly GlobNode[])[] };

/** Reads a part of a pattern. Takes time in proportion to its length, however brackets nest. */
export function parseSegment(pattern: string): GlobNode[] {
  return new SegmentParser(pattern).parse();
}

/** `[a-z]`, `[!a]`, `[]]`, `[[:digit:]]`, where it begins. */
const set = /\[([!^]?)(\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*)\]/sy;

/** Reads each character once: only what is known to have an end is read as a group. */
class SegmentParser {
  readonly #text: string;
  /** Of each bracket that opens a group: it has an end, and if it is `{`, a choice. */
  readonly #groups: ReadonlySet<number>;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#groups = groupsOf(text);
  }

  parse(): GlobNode[] {
    return this.#sequence('');
  }

  /** Reads up to one of these characters, which is left. */
  #sequence(ends: string): GlobNode[] {
    const nodes: GlobNode[] = [];
    while (this.#at < this.#text.length && !ends.includes(this.#peek())) {
      const node = this.#node();
      const last = nodes.at(-1);
      if (node.kind === 'text' && last?.kind === 'text') last.text += node.text;
      else if (node.kind !== 'some' || last?.kind !== 'some') nodes.push(node);
    }
    return nodes;
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #node(): GlobNode {
    const from = this.#at;
    const character = this.#peek();
    const sign = '@?*+!'.includes(character) && this.#groups.has(from + 1) ? character : '';
    if ((sign !== '' && this.#text[from + 1] === '(') || (character === '(' && this.#groups.has(from))) {
      return this.#group(sign === '' ? '@' : sign, from + sign.length + 1, '|', ')');
    }
    if (character === '{') {
      const range = /^\{([a-zA-Z0-9])\.\.([a-zA-Z0-9])\}/.exec(this.#text.slice(from, from + 6));
      if (range !== null) {
        this.#at = from + range[0].length;
        return { kind: 'set', has: between(range[1] ?? '', range[2] ?? '') };
      }
      if (this.#groups.has(from)) return this.#group('@', from + 1, ',', '}');
    }
    if (character === '[') {
      const found = this.#set();
      if (found !== undefined) return found;
    }
    this.#at = from + 1;
    if (character === '*') return { kind: 'some' };
    if (character === '?') return { kind: 'any' };
    if (character === '\\' && this.#at < this.#text.length) return { kind: 'text', text: this.#take() };
    return { kind: 'text', text: character };
  }

  #take(): string {
    return this.#text[this.#at++] ?? '';
  }

  #group(sign: string, from: number, between: string, end: string): GlobNode {
    const choices: GlobNode[][] = [];
    this.#at = from;
    for (;;) {
      choices.push(this.#sequence(between + end));
      if (this.#take() !== between) return { kind: 'group', sign: sign as '@', choices };
    }
  }

  #set(): GlobNode | undefined {
    set.lastIndex = this.#at;
    const match = set.exec(this.#text);
    if (match === null) return undefined;
    const [whole, negated = '', inside = ''] = match;
    const tests: ((character: string) => boolean)[] = [];
    for (const [item, named] of inside.matchAll(/\[:([a-z]+):\]|\\?(.)(?:-\\?(.))?/gs)) {
      if (named !== undefined) tests.push(namedSet(named));
      else {
        const [, low = '', high = low] = /^\\?(.)(?:-\\?(.))?$/s.exec(item) ?? [];
        tests.push(between(low, high));
      }
    }
    this.#at += whole.length;
    return { kind: 'set', has: (character) => tests.some((test) => test(character)) === (negated === '') };
  }
}

function groupsOf(text: string): ReadonlySet<number> {
  const groups = new Set<number>();
  const open: { at: number; closer: string; hasChoice: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    set.lastIndex = at;
    if (character === '\\') at++;
    else if (character === '[' && set.test(text)) at = set.lastIndex - 1;
    else if (character === '(') open.push({ at, closer: ')', hasChoice: true });
    else if (character === '{') open.push({ at, closer: '}', hasChoice: false });
    else if (character === ',') {
      const innermost = open.at(-1);
      if (innermost?.closer === '}') innermost.hasChoice = true;
    } else if (character === ')' || character === '}') {
      const last = open.at(-1);
      // Of brackets that cross each other none is a group.
      if (last?.closer !== character) open.length = 0;
      else {
        open.pop();
        if (last.hasChoice) groups.add(last.at);
      }
    }
  }
  return groups;
}

function between(low: string, high: string): (character: string) => boolean {
  const [first, last] = low <= high ? [low, high] : [high, low];
  return (character) => first <= character && character <= last;
}

const namedSets: Readonly<Record<string, RegExp>> = {
  alnum: /[a-zA-Z0-9]/,
  alpha: /[a-zA-Z]/,
  blank: /[ \t]/,
  digit: /[0-9]/,
  lower: /[a-z]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  word: /\w/,
  xdigit: /[A-Fa-f0-9]/,
};

function namedSet(name: string): (character: string) => boolean {
  const set = Object.hasOwn(namedSets, name) ? namedSets[name] : undefined;
  return (character) => set?.test(character) ?? false;
}
