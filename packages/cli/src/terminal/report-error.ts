import { constants } from 'node:os';
import type { OciRemedy } from 'bunny-libos-oci';
import { type ErrorCode, exitStatus, formatPosition, type Position, systemError } from 'bunny-libos-spec';
import { CancelledError } from './interruption.js';
import { oneLine, shownInLine } from './shown-text.js';
import type { Terminal } from './terminal.js';

/** The shape that BunnyError and OciError share. */
interface KnownError {
  code: ErrorCode;
  message: string;
  where: Position | string;
  hint: string;
  /** Host of the registry that a login would help with. */
  login?: string | undefined;
  remedy?: OciRemedy | undefined;
  details?: readonly string[] | undefined;
  exitStatus: number;
}

/** Reports a failure on stderr, and on stdout as JSON where that was asked for. Returns the exit status. */
export function reportError(error: unknown, terminal: Terminal): number {
  const known = isKnown(error) ? error : systemError(error);
  return known === undefined ? reportBug(error, terminal) : reportKnown(known, terminal);
}

function reportKnown(error: KnownError, terminal: Terminal): number {
  const { color } = terminal;
  const lines = [
    `${color.bold(color.red(`error[${error.code}]`))}${color.bold(`: ${oneLine(error.message)}`)}`,
  ];
  lines.push(`  ${color.cyan('-->')} ${shownInLine(formatPosition(error.where))}`);
  for (const detail of error.details ?? []) for (const line of detail.split('\n')) lines.push(`  ${line}`);
  const hint = hintOf(error);
  for (const line of hint.split('\n')) lines.push(`  ${color.cyan('help')}: ${line}`);
  terminal.error(lines.join('\n'));
  const { code, message, where, details } = error;
  terminal.result({ error: { code, message, where, details: details ?? [], hint } });
  return error.exitStatus;
}

/** What does what the OCI client, which knows no flags, calls a remedy. */
const remedies: Readonly<Record<OciRemedy, string>> = {
  'plain-http': 'a registry without TLS needs --plain-http',
  trust: 'name the authority with --ca-file, or the host with --insecure',
  online: 'run once without --offline, or fill the store from a mirror',
};

/** The hint with the flag or command that does it: the OCI client knows none of them. */
export function hintOf({
  code,
  hint,
  login,
  remedy,
}: Pick<KnownError, 'code' | 'hint' | 'login' | 'remedy'>): string {
  if (remedy !== undefined) return remedies[remedy];
  if (login !== undefined) return `${hint}: \`bunny login ${login}\``;
  if (code === 'BUNNY_ENOSPACE') return `${hint}: \`bunny cache prune\` removes what is no longer used`;
  return hint;
}

/**
 * Reports that a signal ended a command that then threw this. Returns the exit status, which is the one given.
 * Who does not read any more is told nothing.
 */
export function reportCancelled(error: unknown, status: number, terminal: Terminal): number {
  if (status === 128 + constants.signals.SIGPIPE) return status;
  const message = error instanceof CancelledError ? error.message : 'cancelled: finished work is kept';
  terminal.error(message);
  terminal.result({
    error: { code: 'BUNNY_ECANCELLED', message, where: 'bunny', details: [], hint: 'run it again' },
  });
  return status;
}

function reportBug(error: unknown, terminal: Terminal): number {
  const hint = 'report it, with these lines and the command that you ran';
  terminal.error(
    [
      `error[BUNNY_EINTERNAL]: this is a bug in Bunny`,
      error instanceof Error ? (error.stack ?? error.message) : String(error),
      `  ${terminal.color.cyan('help')}: ${hint}`,
    ].join('\n'),
  );
  terminal.result({
    error: { code: 'BUNNY_EINTERNAL', message: String(error), where: 'bunny', details: [], hint },
  });
  return exitStatus.internal;
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
