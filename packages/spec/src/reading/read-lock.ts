import { validate } from '#validators/lock';
import type { Lock } from '../documents/lock.js';
import { BunnyError, type Position } from '../errors/errors.js';
import { type Document, refuseLarge } from './document.js';
import { jsonFault } from './json-fault.js';
import { mergeMarkLine } from './merge-marks.js';
import { documentError } from './problem.js';
import { schemaProblems } from './schema-problems.js';
import { readYamlSource, type YamlSource } from './yaml-source.js';

type Places = Pick<YamlSource, 'at' | 'keyAt'>;

/** Bytes of a lock. A target with 1,000 components takes about 1 MiB. */
export const largestLock = 64 * 1024 * 1024;
/** Characters of a lock that is searched for places: finding them takes seconds for each MiB. */
const largestPlaced = 4 * 1024 * 1024;
const rewrite = 'remove it, then run `bunny resolve` to write it anew';

/**
 * Reads `bunny.lock`. Positions are only worked out when they are asked for: every build reads the lock.
 * Throws BUNNY_ELOCKCONFLICT where a merge left its marks, BUNNY_EJSON, BUNNY_EUNKNOWNKEY, BUNNY_ETYPE,
 * BUNNY_ENAME, BUNNY_ETOOLARGE.
 */
export function readLock(text: string, file: string): Document<Lock> {
  refuseLarge(Buffer.byteLength(text), largestLock, { file });
  const value = parse(text, file);
  let found: Places | undefined;
  const places = () => {
    found ??= findPlaces(text, file);
    return found;
  };
  if (!validate(value)) {
    const problems = schemaProblems(validate.errors ?? []);
    throw documentError(
      problems.map(({ path, onKey, hint = rewrite, ...problem }) => ({
        ...problem,
        hint,
        where: onKey ? places().keyAt(path) : places().at(path),
      })),
    );
  }
  return {
    value: value as unknown as Lock,
    at: (path) => places().at(path),
    keyAt: (path) => places().keyAt(path),
  };
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
        hint: 'run `bunny resolve`: it keeps what both sides agree on, and writes the rest anew',
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
