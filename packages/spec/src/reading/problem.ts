import {
  BunnyError,
  type ErrorCode,
  type ExitStatus,
  exitStatus,
  formatPosition,
  type Position,
} from '../errors/errors.js';

/** The way to a value in a document: keys and indices. */
export type Path = readonly (string | number)[];

/** One thing wrong with a document. */
export interface Problem {
  code: ErrorCode;
  message: string;
  path: Path;
  /** The key at the end of `path` is wrong, not its value. */
  onKey?: boolean | undefined;
  hint?: string | undefined;
}

export interface PlacedProblem extends Omit<Problem, 'path' | 'onKey'> {
  where: Position | string;
}

/** `dependencies.libc.version`, `targets[0].arch`; empty for the document itself. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number' || /^\d+$/.test(step)) return `[${step}]`;
      const name = /^[\w-]+$/.test(step) ? step : JSON.stringify(step);
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

/** Nobody reads more than these at once. */
const mostDetails = 100;

/** What to do about a document from a registry. */
export const publisherCorrects = 'whoever published it has to correct it: use another version meanwhile';

/** One error for all that is wrong with a document: the first problem leads, the others are its details. */
export function documentError(problems: readonly PlacedProblem[], status?: ExitStatus): BunnyError {
  const [first, ...rest] = problems.toSorted((a, b) => compareWhere(a.where, b.where));
  if (first === undefined) throw new TypeError('an error needs at least one problem');
  // What stands behind a YAML anchor is found wherever an alias repeats it.
  const others = [...new Set(rest.map(lineOf))].filter((line) => line !== lineOf(first));
  return new BunnyError(first.code, first.message, {
    where: first.where,
    hint:
      first.hint ??
      (status === exitStatus.registry ? publisherCorrects : 'docs/reference shows what is allowed there'),
    exitStatus: status,
    details: [
      ...others.slice(0, mostDetails),
      ...(others.length > mostDetails ? ['and more: correct these first'] : []),
    ],
  });
}

function lineOf({ code, where, message, hint }: PlacedProblem): string {
  return `${formatPosition(where)}: ${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

function compareWhere(a: Position | string, b: Position | string): number {
  if (typeof a === 'string' || typeof b === 'string') return 0;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
