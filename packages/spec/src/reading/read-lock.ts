import { validate } from '#validators/lock';
import type { Lock } from '../documents/lock.js';
import { BunnyError, type Position } from '../errors/errors.js';
import { type Document, refuseLarge } from './document.js';
import { jsonFault } from './json-fault.js';
import { mergeMarkLine } from './merge-marks.js';
import { documentError, type Path, type Problem } from './problem.js';
import { schemaProblems } from './schema-problems.js';
import { readYamlSource, type YamlSource } from './yaml-source.js';

type Places = Pick<YamlSource, 'at' | 'keyAt'>;

/** Bytes of a lock. A target with 1,000 components takes about 1 MiB. */
export const largestLock = 64 * 1024 * 1024;
/** Characters of a lock that is searched for places: finding them takes seconds for each MiB. */
const largestPlaced = 4 * 1024 * 1024;
/** What a lock for one framework has beside its version. */
const keysOfOne = ['framework', 'request', 'targets'] as const;
const rewrite = 'remove it, then run `bunny resolve` to write a new one';

/** A lock as it is written. */
type RawLock = { schema: string; frameworks?: Lock[] } & Partial<Lock>;

/**
 * Reads `bunny.lock`: what it pins for each framework, in its order. Positions are only worked out when they are asked for: every build reads the lock.
 * Throws BUNNY_ELOCKCONFLICT where a merge left its marks, BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE,
 * BUNNY_ENAME, BUNNY_ETOOLARGE.
 */
export function readLocks(text: string, file: string): Document<Lock>[] {
  refuseLarge(Buffer.byteLength(text), largestLock, { file });
  const value = parse(text, file);
  let found: Places | undefined;
  const places = () => {
    found ??= findPlaces(text, file);
    return found;
  };
  const refuse = (problems: readonly Problem[]) => {
    throw documentError(
      problems.map(({ path, onKey, hint, ...problem }) => ({
        ...problem,
        // Nobody misspells a version: a later Bunny wrote it.
        hint: path[0] === 'schema' ? rewrite : (hint ?? rewrite),
        where: onKey ? places().keyAt(path) : places().at(path),
      })),
    );
  };
  if (!validate(value)) refuse(schemaProblems(validate.errors ?? []));
  const raw = value as RawLock;
  const [misplaced] = (raw.frameworks === undefined ? [] : keysOfOne).filter((key) =>
    Object.hasOwn(raw, key),
  );
  if (misplaced !== undefined) {
    const message = `the lock has \`frameworks\`, and ${JSON.stringify(misplaced)} beside it`;
    refuse([{ code: 'BUNNY_EUNKNOWNKEY', message, path: [misplaced], onKey: true }]);
  }
  const part = (lock: Lock, prefix: Path): Document<Lock> => ({
    value: lock,
    at: (path) => places().at([...prefix, ...path]),
    keyAt: (path) => places().keyAt([...prefix, ...path]),
  });
  if (raw.frameworks !== undefined)
    return raw.frameworks.map((lock, index) => part(lock, ['frameworks', index]));
  const { schema: _, ...lock } = raw;
  return [part(lock as Lock, [])];
}

/** JSON is YAML, save for oddities such as a key twice; then, and where the lock is huge, the file has to do as a place. */
function findPlaces(text: string, file: string): Places {
  const nowhere = { at: () => ({ file }), keyAt: () => ({ file }) };
  if (text.length > largestPlaced) return nowhere;
  try {
    return readYamlSource(text, file);
  } catch (error) {
    if (error instanceof BunnyError) return nowhere;
    throw error;
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const line = mergeMarkLine(text);
    if (line !== undefined) {
      throw new BunnyError('BUNNY_ELOCKCONFLICT', 'a merge left its marks in the lock', {
        where: { file, line, column: 1 },
        hint: 'run `bunny resolve`: it keeps what both sides agree on, and resolves the rest again',
      });
    }
    throw new BunnyError('BUNNY_EJSON', 'the lock is not a JSON document', {
      where: placeOf(jsonFault(text) ?? 0, text, file),
      cause,
      hint: rewrite,
    });
  }
}

function placeOf(offset: number, text: string, file: string): Position {
  const before = text.slice(0, offset).split('\n');
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
