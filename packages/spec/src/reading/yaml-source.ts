import {
  Composer,
  CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  Parser,
  visit,
} from 'yaml';
import { BunnyError, type Position } from '../errors/errors.js';
import { mergeMarkLine } from './merge-marks.js';
import { documentError, type Path } from './problem.js';
import { aliasFault } from './yaml-aliases.js';

/** Levels of maps and lists; no document of Bunny has more than a dozen. */
const deepest = 64;
/** Keys, items and other values; what a person writes has some hundreds, what a program writes some thousands. */
const mostValues = 30_000;
/** Uses of aliases, counted as they multiply. */
const mostAliases = 1000;

type PairsByKey = Map<unknown, ReadonlyMap<string, Pair>>;

interface Composed {
  document: Document;
  pairs: PairsByKey;
}

/** A YAML text that has been read, with the place of everything in it. */
export interface YamlSource {
  /** Plain data: maps, lists, texts, numbers and booleans, and null for a key that has no value. */
  value: unknown;
  /** Where the value at `path` stands, or what is nearest above it. */
  at(path: Path): Position;
  /** Where the last key of `path` stands, or what is nearest above it. */
  keyAt(path: Path): Position;
  /** The number, or true or false, at `path` as it is written: `1.10`, not 1.1. */
  written(path: Path): string | undefined;
}

/**
 * Reads one YAML 1.2 document (core schema, with merge keys).
 * Throws BUNNY_EYAML for bad syntax, duplicate keys, more than one document, aliases that multiply,
 * and more than 64 levels, all syntax errors being listed; BUNNY_ETOOLARGE for more than 30,000 values.
 */
export function readYamlSource(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const { document, pairs } = compose(text, lines, position);

  let value: unknown;
  try {
    value = plain(document.toJS({ maxAliasCount: mostAliases }));
  } catch (cause) {
    const { message, offset } = aliasFault(document);
    throw new BunnyError('BUNNY_EYAML', message, {
      where: position(offset),
      cause,
      hint: 'write the values out',
    });
  }

  const find = (path: Path) => locate(document, pairs, path);
  return {
    value,
    at: (path) => position(find(path).value),
    keyAt: (path) => {
      const { key, value } = find(path);
      return position(key ?? value);
    },
    written: (path) => find(path).source,
  };
}

function compose(text: string, lines: LineCounter, position: (offset: number) => Position): Composed {
  const tokens = parse(text, lines, position);
  const composer = new Composer({
    schema: 'core',
    resolveKnownTags: false,
    merge: true,
    stringKeys: true,
    // Compares each key with each other one; `indexKeys` does the same in linear time.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) throw new TypeError('the composer gives at least one document');
  const keys = indexKeys(document as Document);
  const errors = [
    ...document.errors.map(({ message, pos }) => ({ message, offset: pos[0] })),
    ...keys.repeated.map((offset) => ({ message: 'this key appears twice', offset })),
  ];
  if (errors.length > 0) {
    refuseMergeMarks(text, position(0).file);
    throw documentError(
      errors.map(({ message, offset }) => ({
        code: 'BUNNY_EYAML',
        message,
        where: position(offset),
        hint: 'correct the YAML there, or in the line above',
      })),
    );
  }
  if (second !== undefined) {
    const where = position(second.range?.[0] ?? 0);
    throw new BunnyError('BUNNY_EYAML', 'a second document begins here', {
      where,
      hint: 'keep one document',
    });
  }
  return { document: document as Document, pairs: keys.pairs };
}

/** What a merge left is told as such, not by what it does to the syntax. */
function refuseMergeMarks(text: string, file: string): void {
  const line = mergeMarkLine(text);
  if (line === undefined) return;
  throw new BunnyError('BUNNY_EYAML', 'a merge left its marks in the document', {
    where: { file, line, column: 1 },
    hint: 'choose between the sides, remove the marks, and run the command again',
  });
}

/** The pairs of every map by key, and the offsets of keys that their map has already. */
function indexKeys(document: Document): { pairs: PairsByKey; repeated: number[] } {
  const pairs: PairsByKey = new Map();
  const repeated: number[] = [];
  visit(document, {
    Map(_, map) {
      const byKey = new Map<string, Pair>();
      for (const pair of map.items) {
        if (!isScalar(pair.key)) continue;
        const key = String(pair.key.value);
        if (byKey.has(key)) repeated.push(pair.key.range?.[0] ?? 0);
        else byKey.set(key, pair);
      }
      pairs.set(map, byKey);
    },
  });
  return { pairs, repeated };
}

/**
 * Token by token, so that a text which only nests, or has values without end, is refused before it takes time: composing
 * recurses, and what is done with a document takes time for each of its values.
 */
function parse(text: string, lines: LineCounter, position: (offset: number) => Position): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  let values = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (lexeme === CST.SCALAR || /^["'*]/.test(lexeme)) values++;
    if (values > mostValues) {
      throw new BunnyError('BUNNY_ETOOLARGE', `the document has more than ${mostValues} values`, {
        where: position(parser.offset),
        hint: 'no document of this kind needs so many: take out what does not belong there',
      });
    }
    if (parser.stack.length > deepest) {
      const where = position(parser.offset);
      throw new BunnyError('BUNNY_EYAML', `more than ${deepest} levels of maps and lists`, {
        where,
        hint: 'no document of this kind has so many: flatten it',
      });
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Offsets of the last key and of the value at a path, or of the last value on the way there. */
function locate(
  document: Document,
  pairs: PairsByKey,
  path: Path,
): { key?: number; value: number; source?: string } {
  let node: Node | null = document.contents;
  let value = node?.range?.[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document) ?? null;
    if (isMap(node)) {
      const pair = pairs.get(node)?.get(String(step));
      if (pair === undefined) return { value };
      const key = (pair.key as Node).range?.[0] ?? value;
      node = pair.value as Node | null;
      value = node?.range?.[0] ?? key;
      if (index === path.length - 1) return { key, value, ...sourceOf(node) };
    } else if (isSeq(node)) {
      const item = node.items[Number(step)] as Node | undefined;
      if (item === undefined) return { value };
      node = item;
      value = node.range?.[0] ?? value;
    } else {
      return { value };
    }
  }
  return { value, ...sourceOf(node) };
}

function sourceOf(node: Node | null): { source?: string } {
  return isScalar(node) && node.source !== undefined ? { source: node.source } : {};
}

/** Written out, whatever its keys are called. Throws RangeError where aliases make it endless. */
function plain(value: unknown, depth = 0): unknown {
  if (depth > deepest) throw new RangeError('an alias is within its own anchor, or aliases nest too deep');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, depth + 1)]));
}
