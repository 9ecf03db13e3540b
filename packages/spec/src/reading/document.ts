import { BunnyError, type ExitStatus, exitStatus, formatPosition, type Position } from '../errors/errors.js';
import { documentError, formatPath, type Path, type Problem, publisherCorrects } from './problem.js';
import { pointerPath, type SchemaError, schemaProblems, type Validate } from './schema-problems.js';
import { readYamlSource, type YamlSource } from './yaml-source.js';

/** A document that has been read, with the places of what it says. */
export interface Document<T> {
  value: T;
  /** Where the value at a path stands in the text, or what is nearest above it: `at(['options', 'ipv6'])`. */
  at(path: Path): Position;
  /** Where the last key of a path stands. */
  keyAt(path: Path): Position;
  /** Keys that mean nothing and are not refused, each as a text that begins with its place. */
  passedOver?: readonly string[];
}

/** One error for all `problems` of a document that a person writes, each at its place. */
export function errorIn(
  { at, keyAt }: Pick<Document<unknown>, 'at' | 'keyAt'>,
  problems: readonly Problem[],
): BunnyError {
  return documentError(
    problems.map(({ path, onKey, ...problem }) => ({ ...problem, where: onKey ? keyAt(path) : at(path) })),
  );
}

/** How a kind of document is read. `Raw` is what its schema describes, `T` the same with every default filled in. */
export interface DocumentKind<Raw, T> {
  validate: Validate;
  normalise(raw: Raw): T;
  /** What the schema cannot say. */
  check(value: T, raw: Raw): Problem[];
  /** Whether unknown keys are passed over in this document, of which nothing is known yet. */
  passesOver?(raw: unknown): boolean;
}

/**
 * Keys of documents that hold a map of what its author named. One of them with nothing below it, all of it commented
 * out, is an empty map; any other key without a value would have said something, and is a mistake.
 */
const mapsOfNames: ReadonlySet<string> = new Set([
  'conflicts',
  'defines',
  'dependencies',
  'options',
  'providers',
  'provides',
  'settings',
]);

const mebibyte = 1024 * 1024;
/** Bytes of a document that a person writes. */
export const largestSource = mebibyte;
/** Bytes of a document from a registry. */
const largestArtifact = 16 * mebibyte;

/**
 * Reads a document that a person writes, in YAML.
 * Throws one BunnyError for all that is wrong with it, the first place first: BUNNY_ETOOLARGE, BUNNY_EYAML,
 * BUNNY_EUNKNOWNKEY, BUNNY_ETYPE and what the kind's formats and checks add.
 */
export function readYamlDocument<Raw, T>(
  text: string,
  file: string,
  kind: DocumentKind<Raw, T>,
): Document<T> {
  refuseLarge(Buffer.byteLength(text), largestSource, { file });
  const source = readYamlSource(text, file);
  refuseLongTexts(source);
  const raw = numbersAsWritten(source, kind.validate);
  const refuse = (problems: Problem[]) => {
    throw errorIn(source, problems);
  };
  const errors = kind.validate(raw) ? [] : (kind.validate.errors ?? []);
  const isTolerated = ({ keyword }: SchemaError) =>
    keyword === 'additionalProperties' && kind.passesOver?.(raw) === true;
  const wrong = schemaProblems(errors.filter((error) => !isTolerated(error)));
  if (wrong.length > 0) refuse(wrong);
  const value = kind.normalise(raw as Raw);
  const problems = kind.check(value, raw as Raw);
  if (problems.length > 0) refuse(problems);
  const passedOver = schemaProblems(errors.filter(isTolerated)).map(
    ({ message, path }) => `${formatPosition(source.keyAt(path))}: ${message}, and means nothing here`,
  );
  return { value, at: source.at, keyAt: source.keyAt, ...(passedOver.length > 0 && { passedOver }) };
}

/**
 * Reads a document from a registry, in JSON. `where` is its reference or digest.
 * Throws BUNNY_ETOOLARGE, BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE and what the kind's formats and checks add.
 */
export function readJsonDocument<Raw, T>(bytes: Uint8Array, where: string, kind: DocumentKind<Raw, T>): T {
  const status = exitStatus.registry;
  refuseLarge(bytes.length, largestArtifact, where, status);
  const raw = parseJson(bytes, where);
  const refuse = (problems: Problem[]) => {
    throw documentError(
      problems.map(({ path: _, onKey: __, ...problem }) => ({ ...problem, where })),
      status,
    );
  };
  if (!kind.validate(raw)) refuse(schemaProblems(kind.validate.errors ?? []));
  const value = kind.normalise(raw as Raw);
  const problems = kind.check(value, raw as Raw);
  if (problems.length > 0) refuse(problems);
  return value;
}

/** Characters of one text, but for files of a template. A text of words comes to as many as it has blanks. */
const longestText = 64 * 1024;

/** Throws BUNNY_ETOOLARGE. */
function refuseLongTexts({ value: document, at }: YamlSource): void {
  const visit = (value: unknown, path: Path): void => {
    if (typeof value === 'string' && value.length > longestText) {
      throw new BunnyError(
        'BUNNY_ETOOLARGE',
        `a text has ${value.length} characters; at most ${longestText} are read`,
        { where: at(path), hint: 'no document of this kind needs so much: shorten it' },
      );
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (path.length > 0 || key !== 'template') visit(inner, [...path, key]);
    }
  };
  visit(document, []);
}

/** Throws BUNNY_ETOOLARGE. */
export function refuseLarge(
  bytes: number,
  limit: number,
  where: Position | string,
  status: ExitStatus = exitStatus.usage,
): void {
  if (bytes <= limit) return;
  const summary = `the document has ${bytes} bytes; at most ${limit} are read`;
  throw new BunnyError('BUNNY_ETOOLARGE', summary, {
    where,
    hint: 'no document of this kind needs so much: take out what does not belong there',
    exitStatus: status,
  });
}

function parseJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BunnyError('BUNNY_EJSON', 'not a JSON document', {
      where,
      hint: publisherCorrects,
      cause,
      exitStatus: exitStatus.registry,
    });
  }
}

/** Where a text is wanted and `1.10` stands, take it as it is written: people do not quote versions. */
function numbersAsWritten(source: YamlSource, validate: Validate): unknown {
  const root = { value: withoutEmptyMaps(source.value) };
  if (validate(root.value)) return root.value;
  for (const error of validate.errors ?? []) {
    const wantsText = error.keyword === 'type' && [error.params.type].flat().includes('string');
    if (!wantsText || (typeof error.data !== 'number' && typeof error.data !== 'boolean')) continue;
    const path = pointerPath(error.instancePath);
    const written = source.written(path);
    if (written !== undefined) replace(root, ['value', ...path], written);
  }
  return root.value;
}

function withoutEmptyMaps(document: unknown): unknown {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return document;
  return Object.fromEntries(
    Object.entries(document).filter(([key, value]) => value !== null || !mapsOfNames.has(key)),
  );
}

function replace(root: object, path: readonly string[], value: string): void {
  let parent = root as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(parent, step) ? parent[step] : undefined;
    if (next === null || typeof next !== 'object') throw new TypeError(`nothing at ${formatPath(path)}`);
    parent = next as Record<string, unknown>;
  }
  const last = path.at(-1);
  if (last !== undefined)
    Object.defineProperty(parent, last, { value, writable: true, enumerable: true, configurable: true });
}
