import { constants } from 'node:os';
import { type ErrorCode, exitStatus, formatPosition, type Position } from '@bunny/spec';
import { CancelledError } from './interruption.js';
import type { Terminal } from './terminal.js';

/** The shape that BunnyError and OciError share. */
interface KnownError {
  code: ErrorCode;
  message: string;
  where?: Position | string | undefined;
  hint?: string | undefined;
  details?: readonly string[];
  exitStatus: number;
}

/** Reports a failure on stderr, and on stdout as JSON where that was asked for. Returns the exit status. */
export function reportError(error: unknown, terminal: Terminal): number {
  const known = isKnown(error) ? error : systemError(error);
  return known === undefined ? reportBug(error, terminal) : reportKnown(known, terminal);
}

function reportKnown(error: KnownError, terminal: Terminal): number {
  const { color } = terminal;
  const lines = [`${color.bold(color.red(`error[${error.code}]`))}${color.bold(`: ${error.message}`)}`];
  if (error.where !== undefined) lines.push(`  ${color.cyan('-->')} ${formatPosition(error.where)}`);
  for (const detail of error.details ?? []) for (const line of detail.split('\n')) lines.push(`  ${line}`);
  if (error.hint !== undefined) {
    for (const line of error.hint.split('\n')) lines.push(`  ${color.cyan('help')}: ${line}`);
  }
  terminal.error(lines.join('\n'));
  const { code, message, where, details, hint } = error;
  terminal.result({ error: { code, message, where, details: details ?? [], hint } });
  return error.exitStatus;
}

/**
 * Reports that a signal ended a command that then threw this. Returns the exit status, which is the one given.
 * Who does not read any more is told nothing.
 */
export function reportCancelled(error: unknown, status: number, terminal: Terminal): number {
  if (status === 128 + constants.signals.SIGPIPE) return status;
  const message = error instanceof CancelledError ? error.message : 'cancelled: what was finished is kept';
  terminal.error(message);
  terminal.result({ error: { code: 'BUNNY_ECANCELLED', message, details: [] } });
  return status;
}

function reportBug(error: unknown, terminal: Terminal): number {
  terminal.error(
    [
      `error[BUNNY_EINTERNAL]: this is a mistake in Bunny, not in what you did`,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ].join('\n'),
  );
  terminal.result({ error: { code: 'BUNNY_EINTERNAL', message: String(error), details: [] } });
  return exitStatus.internal;
}

/** Failures of the machine that no package has put into its own words. */
function systemError(error: unknown): KnownError | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('syscall' in error)) return undefined;
  const { code = '', path, dest } = error as NodeJS.ErrnoException & { dest?: string };
  const meanings = new Map<string, [ErrorCode, string, string]>([
    ['ENOSPC', ['BUNNY_ENOSPACE', 'the disk is full', 'free some space, then run the same command again']],
    [
      'EDQUOT',
      ['BUNNY_ENOSPACE', 'your disk quota is used up', 'free some space, then run the same command again'],
    ],
    ['EACCES', ['BUNNY_EACCESS', 'permission denied', 'check who owns this path']],
    ['EPERM', ['BUNNY_EACCESS', 'operation not permitted', 'check who owns this path']],
    [
      'EROFS',
      ['BUNNY_EACCESS', 'the file system is read-only', 'choose another place for the output or the cache'],
    ],
    ['ENOENT', ['BUNNY_ENOFILE', 'no such file or directory', 'check the path']],
    ['EISDIR', ['BUNNY_ENOFILE', 'this is a directory, not a file', 'check the path']],
    ['ENOTDIR', ['BUNNY_ENOFILE', 'a part of the path is no directory', 'check the path']],
  ]);
  const [known, summary, hint] = meanings.get(code) ?? [
    'BUNNY_EIO',
    `this machine refused: ${error.message}`,
    'see to it that the limits and the file systems of this machine allow it',
  ];
  const where = dest ?? path;
  return {
    code: known,
    message: summary,
    ...(where === undefined ? { details: [error.message] } : { where }),
    hint,
    exitStatus: exitStatus.usage,
  };
}

function isKnown(error: unknown): error is KnownError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('BUNNY_E') &&
    'exitStatus' in error
  );
}
