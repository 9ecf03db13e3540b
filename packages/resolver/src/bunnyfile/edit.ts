import { isDeepStrictEqual } from 'node:util';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import {
  type Document,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  stringify,
  YAMLMap,
} from 'yaml';

/**
 * Sets the range of a dependency in the text of a Bunnyfile, which is added where it is missing. Every
 * other byte stays: comments, order, quotes, indentation and line ends. Options and conditions of a
 * dependency stay too. Throws BUNNY_EEDIT where the dependencies are written in a way that this does
 * not edit (aliases, `auto`), or that an edit would mean more than this one. The text must be a Bunnyfile that can be
 * read.
 */
export function setDependency(text: string, name: string, range: string, file: string): string {
  return changedAlone(text, textWith(text, name, range, file), name, file);
}

function textWith(text: string, name: string, range: string, file: string): string {
  const { document, map } = dependenciesOf(text, file);
  if (map === undefined) return appendSection(text, document, name, range);
  const pair = pairOf(map, name);
  if (pair !== undefined) return replaceRange(text, pair, map.flow === true, range, file);
  return map.flow ? addToFlowMap(text, map, name, range) : addToBlockMap(text, map, name, range);
}

/**
 * Takes the word `auto` out of the text of a Bunnyfile and sets these ranges in its place, or none; every
 * other byte stays. Throws BUNNY_EEDIT.
 */
export function writeDependencies(
  text: string,
  ranges: Readonly<Record<string, string>>,
  file: string,
): string {
  const root = parseDocument(text, { stringKeys: true, logLevel: 'silent' }).contents;
  const pair = isMap(root) ? pairOf(root, 'dependencies') : undefined;
  const isWord = isScalar(pair?.value) && pair.value.value === 'auto';
  const names = Object.keys(ranges).sort();
  const start = pair === undefined ? 0 : (keyOf(pair).range?.[1] ?? 0) + 1;
  const isFlow = isMap(root) && root.flow === true;
  const open = isWord ? splice(text, start, endOf(pair), names.length === 0 || isFlow ? ' {}' : '') : text;
  return names.reduce((before, name) => setDependency(before, name, ranges[name] ?? '*', file), open);
}

/**
 * Takes a dependency out of the text of a Bunnyfile: its lines, or its part of a `{ … }`; the whole
 * section where it was the last. Every other byte stays. Throws BUNNY_ENOTFOUND, BUNNY_EEDIT.
 */
export function removeDependency(text: string, name: string, file: string): string {
  const edited = changedAlone(text, textWithout(text, name, file), name, file);
  if (namesIn(edited).includes(name)) throw unsupported(`${name} comes from a merge key (<<) too`, file);
  return edited;
}

function textWithout(text: string, name: string, file: string): string {
  const { document, map } = dependenciesOf(text, file);
  const pair = map && pairOf(map, name);
  if (map === undefined || pair === undefined) {
    const names = namesIn(text);
    if (names.includes(name)) throw unsupported(`${name} comes from a merge key (<<)`, file);
    throw new BunnyError('BUNNY_ENOTFOUND', `the Bunnyfile has no dependency ${name}`, {
      where: file,
      hint: `it has ${names.join(', ') || 'none'}`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  if (map.items.length === 1 && isMap(document.contents)) {
    const section = pairOf(document.contents, 'dependencies');
    if (section !== undefined && !hasOwnComments(text, section)) return cutLines(text, section);
    return map.flow ? splice(text, startOf(pair), endOf(pair), '') : cutLines(text, pair);
  }
  return map.flow ? cutFromFlowMap(text, map, pair) : cutLines(text, pair);
}

function dependenciesOf(text: string, file: string): { document: Document; map?: YAMLMap } {
  const document = parseDocument(text, { stringKeys: true, logLevel: 'silent' });
  const root = document.contents;
  if (!isMap(root)) throw unsupported('the Bunnyfile is not a map', file);
  const pair = pairOf(root, 'dependencies');
  if (pair === undefined) return { document };
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null)) return { document, map: emptyAt(pair) };
  if (value instanceof YAMLMap) return { document, map: value };
  if (isScalar(value) && value.value === 'auto')
    throw unsupported('its dependencies are `auto`', file, 'write them out first: `bunny add --auto`');
  throw unsupported('its dependencies are not written out as a map', file);
}

/** The edited text. Throws BUNNY_EEDIT where it cannot be read any more, or says something else of what was not edited. */
function changedAlone(before: string, after: string, name: string, file: string): string {
  const rest = allBut(after, name);
  if (rest !== undefined && isDeepStrictEqual(rest, allBut(before, name))) return after;
  throw unsupported(`${name} is written so that it does not change alone`, file);
}

/** What a text says beside one dependency. Undefined where it cannot be read. */
function allBut(text: string, name: string): Map<unknown, unknown> | undefined {
  try {
    const document = parseDocument(text, { stringKeys: true, logLevel: 'silent' });
    if (document.errors.length > 0) return undefined;
    const all: Map<unknown, unknown> = document.toJS({ mapAsMap: true });
    const dependencies = new Map(all.get('dependencies') as Map<unknown, unknown> | null | undefined);
    dependencies.delete(name);
    return all.set('dependencies', dependencies);
  } catch (error) {
    // An alias without its anchor.
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

/** `dependencies:` with nothing behind it, as a map without pairs; with `~` or `null`, as a `{}` there. */
function emptyAt(pair: Pair): YAMLMap {
  const map = new YAMLMap();
  const written = rangeOfNull(pair);
  if (written !== undefined) {
    map.flow = true;
    map.range = written;
    return map;
  }
  const end = keyOf(pair).range?.[1] ?? 0;
  // Behind the colon.
  map.range = [end + 1, end + 1, end + 1];
  return map;
}

function appendSection(text: string, document: Document, name: string, range: string): string {
  const eol = lineEnd(text);
  const end = document.range?.[1] ?? text.length;
  // Before an end mark (`...`), should there be one.
  const at = /^\.\.\.(?:\s|$)/m.test(text.slice(end)) ? end : text.length;
  const before = text.slice(0, at);
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  return splice(text, at, at, `${gap}dependencies:${eol}  ${name}: ${plain(range)}${eol}`);
}

function addToBlockMap(text: string, map: YAMLMap, name: string, range: string): string {
  const eol = lineEnd(text);
  const after = map.items.findLast((pair) => nameOf(pair) < name);
  const first = map.items[0];
  if (first === undefined) {
    const at = endOfLine(text, map.range?.[0] ?? 0);
    return splice(text, at, at, `${eol}  ${name}: ${plain(range)}`);
  }
  const line = `${indentOf(text, startOf(first))}${name}: ${plain(range)}`;
  if (after === undefined) {
    const at = startOf(first);
    return splice(text, at, at, `${name}: ${plain(range)}${eol}${indentOf(text, at)}`);
  }
  const at = endOfLine(text, endOf(after));
  return splice(text, at, at, `${eol}${line}`);
}

function addToFlowMap(text: string, map: YAMLMap, name: string, range: string): string {
  const entry = `${name}: ${inFlow(range)}`;
  const after = map.items.findLast((pair) => nameOf(pair) < name);
  const first = map.items[0];
  if (first === undefined) return splice(text, map.range?.[0] ?? 0, map.range?.[1] ?? 0, `{ ${entry} }`);
  if (after === undefined) return splice(text, startOf(first), startOf(first), `${entry}, `);
  return splice(text, endOf(after), endOf(after), `, ${entry}`);
}

function replaceRange(text: string, pair: Pair, flow: boolean, range: string, file: string): string {
  const { value } = pair;
  if (value instanceof YAMLMap) {
    const version = pairOf(value, 'version');
    if (version !== undefined) return replaceRange(text, version, value.flow === true, range, file);
    const first = value.items[0];
    if (first === undefined)
      return splice(text, startOf(pair), endOf(pair), `${nameOf(pair)}: ${inFlow(range)}`);
    const at = startOf(first);
    const separator = value.flow ? ', ' : `${lineEnd(text)}${indentOf(text, at)}`;
    return splice(text, at, at, `version: ${value.flow ? inFlow(range) : plain(range)}${separator}`);
  }
  if (value === null || (isScalar(value) && value.value === null)) {
    const [start, end] = rangeOfNull(pair) ?? [];
    if (start !== undefined && end !== undefined)
      return splice(text, start, end, flow ? inFlow(range) : plain(range));
    const at = (keyOf(pair).range?.[1] ?? 0) + 1;
    return splice(text, at, at, ` ${flow ? inFlow(range) : plain(range)}`);
  }
  if (!isScalar(value) || value.range == null) throw unsupported(`${nameOf(pair)} is an alias`, file);
  const [start, end] = value.range;
  const quote = value.type === Scalar.QUOTE_DOUBLE ? '"' : value.type === Scalar.QUOTE_SINGLE ? "'" : '';
  const written = quote !== '' ? `${quote}${range}${quote}` : flow ? inFlow(range) : plain(range);
  return splice(text, start, end, written);
}

function cutFromFlowMap(text: string, map: YAMLMap, pair: Pair): string {
  const index = map.items.indexOf(pair);
  const next = map.items[index + 1];
  if (next !== undefined) return splice(text, startOf(pair), startOf(next), '');
  const previous = map.items[index - 1];
  return splice(text, previous === undefined ? startOf(pair) : endOf(previous), endOf(pair), '');
}

/** Takes out the lines that a pair stands on. */
function cutLines(text: string, pair: Pair): string {
  const start = text.lastIndexOf('\n', startOf(pair) - 1) + 1;
  const end = endOfLine(text, endOf(pair));
  const next = text.indexOf('\n', end);
  return splice(text, start, next < 0 ? text.length : next + 1, '');
}

/** Whether comments on lines of their own stand within a section: they may matter, so it stays. */
function hasOwnComments(text: string, section: Pair): boolean {
  return /^[ \t]*#/m.test(text.slice(startOf(section), endOf(section)));
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => nameOf(pair) === name);
}

/** What the dependencies are called, those of merge keys included. */
function namesIn(text: string): string[] {
  const all: Map<unknown, unknown> = parseDocument(text, { stringKeys: true, merge: true }).toJS({
    mapAsMap: true,
  });
  return [...new Map(all.get('dependencies') as Map<unknown, unknown> | null | undefined).keys()].map(String);
}

function nameOf(pair: Pair): string {
  return String(keyOf(pair).value);
}

function keyOf(pair: Pair): Scalar {
  if (isScalar(pair.key)) return pair.key;
  throw new TypeError('a key of a Bunnyfile is a text');
}

function startOf(pair: Pair): number {
  return keyOf(pair).range?.[0] ?? 0;
}

/** Behind the last character of a pair, comments and blank space left out. */
function endOf(pair: Pair): number {
  const value = pair.value as Node | null;
  if (value instanceof YAMLMap && !value.flow) {
    const last = value.items.at(-1);
    if (last !== undefined) return endOf(last);
  }
  const keyEnd = (keyOf(pair).range?.[1] ?? 0) + 1;
  return Math.max(keyEnd, value?.range?.[1] ?? keyEnd);
}

/** Where `~` or `null` is written out as a value. */
function rangeOfNull({ value }: Pair): Node['range'] | undefined {
  return isScalar(value) && value.source !== '' && value.source !== undefined ? value.range : undefined;
}

/** The end of the line that an offset stands on, before its line end. */
function endOfLine(text: string, offset: number): number {
  const next = text.indexOf('\n', offset);
  if (next < 0) return text.length;
  return text[next - 1] === '\r' ? next - 1 : next;
}

function indentOf(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

function lineEnd(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n';
}

/** A range as a scalar of a block map, in quotes where YAML needs them. */
function plain(range: string): string {
  return stringify(range, { lineWidth: 0 }).trimEnd();
}

/** The same between braces, where commas and brackets mean something. */
function inFlow(range: string): string {
  const written = plain(range);
  return /[,[\]{}]/.test(written) && !/^['"]/.test(written) ? JSON.stringify(range) : written;
}

function splice(text: string, start: number, end: number, insertion: string): string {
  return text.slice(0, start) + insertion + text.slice(end);
}

function unsupported(
  why: string,
  file: string,
  hint = 'edit it by hand, then run `bunny resolve`',
): BunnyError {
  return new BunnyError('BUNNY_EEDIT', `cannot edit the Bunnyfile: ${why}`, { where: file, hint });
}
