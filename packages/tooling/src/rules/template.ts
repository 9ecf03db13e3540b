import { BunnyError, nearest, type Position, type Template } from 'bunny-libos-spec';

/**
 * The names that a template can use: `values` stand for themselves, `variables` are templates again and
 * may use further names. A value hides a variable of the same name.
 */
export interface Scope {
  values: ReadonlyMap<string, readonly string[]>;
  variables: ReadonlyMap<string, Template>;
}

type Part = { text: string } | { name: string };

/** One word of a template: another word list spliced in, or text with names of single words in it. */
type Word = { splice: string } | { parts: readonly Part[] };

/** Linux takes no longer word (MAX_ARG_STRLEN) and, with the shortest words, no more of them (2 MiB). */
const longestWord = 128 * 1024;
const mostWords = 256 * 1024;

const reference = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})?/g;
const splice = /^\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})$/;

/**
 * Replaces every name of a template.
 * `where` is the place of the template, for messages: a position or a path such as `targets[0].link`.
 * Throws BunnyError BUNNY_ETEMPLATE: an unknown name, a stray dollar sign, a name of several words inside a
 * longer word, variables that use each other in a circle, a command too long to run.
 */
export function expandTemplate(template: Template, scope: Scope, where: Position | string): string[] {
  return expand(template, { scope, where, using: [], done: new Map() });
}

/** The names that a template uses directly, sorted. Throws BUNNY_ETEMPLATE where a dollar sign is stray. */
export function templateNames(template: Template, where: Position | string): string[] {
  const names = new Set<string>();
  for (const word of parse(template, where)) {
    if ('splice' in word) names.add(word.splice);
    else for (const part of word.parts) if ('name' in part) names.add(part.name);
  }
  return [...names].sort();
}

/** The names that a template uses, itself or by way of variables. Throws as `templateNames`. */
export function usedNames(
  template: Template,
  variables: ReadonlyMap<string, Template>,
  where: Position | string,
): ReadonlySet<string> {
  const names = new Set(templateNames(template, where));
  // Names that are added on the way are visited too.
  for (const name of names) {
    const variable = variables.get(name);
    if (variable !== undefined) for (const each of templateNames(variable, where)) names.add(each);
  }
  return names;
}

/** The words of a template, names left as they are. */
export function templateWords(template: Template): readonly string[] {
  return typeof template === 'string' ? template.split(/\s+/).filter((word) => word !== '') : template;
}

function parse(template: Template, where: Position | string): Word[] {
  return templateWords(template).map((word) => {
    const whole = splice.exec(word);
    const name = whole?.[1] ?? whole?.[2];
    return name === undefined ? { parts: partsOf(word, where) } : { splice: name };
  });
}

function partsOf(word: string, where: Position | string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of word.matchAll(reference)) {
    if (match.index > end) parts.push({ text: word.slice(end, match.index) });
    end = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name !== undefined) parts.push({ name });
    else if (match[0] === '$$') parts.push({ text: '$' });
    else {
      throw new BunnyError('BUNNY_ETEMPLATE', `a lone dollar sign in the word ${JSON.stringify(word)}`, {
        where,
        hint: 'write $name or ${name} for a variable, $$ for a dollar sign',
      });
    }
  }
  if (end < word.length) parts.push({ text: word.slice(end) });
  return parts;
}

/** One expansion: where it stands, which variables are being expanded, and what those before came to. */
interface Expansion {
  scope: Scope;
  where: Position | string;
  using: readonly string[];
  done: Map<string, readonly string[]>;
}

function expand(template: Template, expansion: Expansion): string[] {
  const { where } = expansion;
  const words: string[] = [];
  for (const word of parse(template, where)) {
    if ('splice' in word) for (const each of lookUp(word.splice, expansion)) words.push(each);
    else
      words.push(
        word.parts.map((part) => ('text' in part ? part.text : single(part.name, expansion))).join(''),
      );
    if (words.length > mostWords || (words.at(-1)?.length ?? 0) > longestWord) {
      throw new BunnyError('BUNNY_ETEMPLATE', 'the command is longer than any system can run', {
        where,
        hint: 'look for variables that double each other',
      });
    }
  }
  return words;
}

function single(name: string, expansion: Expansion): string {
  const words = lookUp(name, expansion);
  const only = words[0];
  if (only === undefined || words.length > 1) {
    throw new BunnyError(
      'BUNNY_ETEMPLATE',
      `$${name} has ${words.length} words but is part of a longer word, where only one fits`,
      { where: expansion.where, hint: `make $${name} a word of its own, or give it exactly one word` },
    );
  }
  return only;
}

function lookUp(name: string, expansion: Expansion): readonly string[] {
  const { scope, where, using, done } = expansion;
  const known = scope.values.get(name) ?? done.get(name);
  if (known !== undefined) return known;
  const variable = scope.variables.get(name);
  if (variable === undefined) throw unknownName(name, expansion);
  if (using.includes(name)) {
    const circle = [...using.slice(using.indexOf(name)), name].map((each) => `$${each}`).join(' -> ');
    throw new BunnyError('BUNNY_ETEMPLATE', `variables use each other in a cycle: ${circle}`, {
      where,
      hint: 'write one of them without the other',
    });
  }
  const words = expand(variable, { ...expansion, using: [...using, name] });
  done.set(name, words);
  return words;
}

function unknownName(name: string, { scope, where, using }: Expansion): BunnyError {
  const known = [...new Set([...scope.values.keys(), ...scope.variables.keys()])].sort();
  const near = nearest(name, known);
  const user = using.at(-1);
  const inside = user === undefined ? '' : ` (used by $${user})`;
  return new BunnyError('BUNNY_ETEMPLATE', `unknown variable $${name}${inside}`, {
    where,
    hint:
      near.length > 0
        ? `did you mean ${near.map((each) => `$${each}`).join(' or ')}?`
        : 'declare it under variables, or write $$ for a dollar sign',
    details: [`known here: ${known.map((each) => `$${each}`).join(' ')}`],
  });
}
