import { errorStatuses } from './error-statuses.js';
import { type ExitStatus, exitStatus } from './exit-status.js';

export { type ExitStatus, exitStatus };

/** A stable, documented name of one kind of failure. */
export type ErrorCode = `BUNNY_E${string}`;

/** Where in a document something stands. `line` and `column` count from 1. */
export interface Position {
  file: string;
  line?: number | undefined;
  column?: number | undefined;
}

export interface BunnyErrorDetails {
  /** File position, reference or digest that the failure is about. */
  where: Position | string;
  /** What the user can do about it, as an instruction. */
  hint: string;
  cause?: unknown;
  /** Unless said, the first that `errorStatuses` has for the code. */
  exitStatus?: ExitStatus | undefined;
  /** Further lines: a compiler's output, a derivation, the other errors of the same document. */
  details?: string[] | undefined;
}

const statuses: Readonly<Record<ErrorCode, readonly ExitStatus[]>> = errorStatuses;

/** Every failure that a user can meet: a stable code, one line, a place and a way out. */
export class BunnyError extends Error {
  override readonly name = 'BunnyError';
  readonly code: ErrorCode;
  readonly where: Position | string;
  readonly hint: string;
  readonly details: readonly string[];
  readonly exitStatus: ExitStatus;

  constructor(code: ErrorCode, summary: string, more: BunnyErrorDetails) {
    super(summary, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.where = more.where;
    this.hint = more.hint;
    this.details = more.details ?? [];
    this.exitStatus = more.exitStatus ?? statuses[code]?.[0] ?? exitStatus.usage;
  }
}

/** `file:line:column`, or as much of it as is known. */
export function formatPosition(where: Position | string): string {
  if (typeof where === 'string') return where;
  return [where.file, where.line, where.column].filter((part) => part !== undefined).join(':');
}
