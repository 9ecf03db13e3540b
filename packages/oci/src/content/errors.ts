/** A stable, documented name of one kind of failure. */
export type OciErrorCode =
  /** A reference, tag or repository path that is not well formed. */
  | 'BUNNY_EREFERENCE'
  /** A descriptor, manifest, index or layout document that breaks its specification. */
  | 'BUNNY_EMANIFEST'
  /** Content that does not have the digest it was asked for by. */
  | 'BUNNY_EDIGEST'
  /** Content longer or shorter than its descriptor says. */
  | 'BUNNY_ESIZE'
  | 'BUNNY_ENOTFOUND'
  /** The connection failed, and went on failing when tried again. */
  | 'BUNNY_ENETWORK'
  | 'BUNNY_ETIMEOUT'
  /** The registry wants credentials that are missing or wrong. */
  | 'BUNNY_EAUTH'
  /** The registry knows who asks and does not allow it. */
  | 'BUNNY_EDENIED'
  /** Any other refusal by a registry. */
  | 'BUNNY_EREGISTRY'
  /** A redirect or token server that must not be followed. */
  | 'BUNNY_EREDIRECT'
  /** The registry or layout cannot do this. */
  | 'BUNNY_EUNSUPPORTED'
  /** An archive that is damaged, or that tries to reach outside its directory. */
  | 'BUNNY_EARCHIVE'
  /** An archive or document larger than its limits. */
  | 'BUNNY_ELIMIT'
  /** A path that leads over a link, or out of the directory that it belongs to. */
  | 'BUNNY_EPATH'
  /** Not the file or directory that belongs in a place. */
  | 'BUNNY_ENOFILE'
  /** Something else is where a file is to be written. */
  | 'BUNNY_EEXISTS'
  /** Something is not in the store, and no source may be asked. */
  | 'BUNNY_EOFFLINE'
  /** A file that was named does not exist, or is something else. */
  | 'BUNNY_ENOFILE'
  | 'BUNNY_ENOSPACE'
  /** The file system does not permit it. */
  | 'BUNNY_EACCESS'
  /** The file system refused. */
  | 'BUNNY_EIO'
  | 'BUNNY_EABORTED';

/** 2: what was asked for is not well formed; 3: registry or network; 74: the file system refused. */
type OciExitStatus = 2 | 3 | 74;

/**
 * What whoever uses this package can let the user do, where the way out is an option of theirs: allow HTTP without TLS,
 * name an authority or a host whose certificate is not checked, or let sources be asked.
 */
export type OciRemedy = 'plain-http' | 'trust' | 'online';

export interface OciErrorDetails {
  /** Reference, digest, path or URL (without credentials) that the failure is about. */
  where: string;
  /** What the user can do about it, as an instruction. */
  hint: string;
  cause?: unknown;
  /** Further lines: what each of several sources answered. */
  details?: string[] | undefined;
  /** The codes that a registry gave for its refusal (distribution-spec 1.1, "Error Codes"). */
  refusals?: readonly string[] | undefined;
  /** Host of the registry that a login would help with. */
  login?: string | undefined;
  remedy?: OciRemedy | undefined;
  /** 3 unless said. */
  exitStatus?: OciExitStatus | undefined;
}

/** Every failure of this package: a stable code, one line, a place and a way out. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: OciErrorCode;
  readonly where: string;
  readonly hint: string;
  readonly details: readonly string[];
  readonly refusals: readonly string[];
  readonly login: string | undefined;
  readonly remedy: OciRemedy | undefined;
  readonly exitStatus: OciExitStatus;

  constructor(code: OciErrorCode, summary: string, more: OciErrorDetails) {
    super(summary, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.where = more.where;
    this.hint = more.hint;
    this.details = more.details ?? [];
    this.refusals = more.refusals ?? [];
    this.login = more.login;
    this.remedy = more.remedy;
    this.exitStatus = more.exitStatus ?? 3;
  }
}

/** The same error, about another place. */
export function relocated(error: OciError, where: string): OciError {
  const { code, message, hint, cause, details, refusals, login, remedy, exitStatus } = error;
  return new OciError(code, message, {
    where,
    hint,
    cause,
    details: [...details],
    refusals,
    login,
    remedy,
    exitStatus,
  });
}

/** The `code` of a system or stream error, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isNotFound(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'BUNNY_ENOTFOUND';
}

/** Turns a file system error into an OciError about `path`, with exit status 74; other errors pass through. */
export function fileError(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (error instanceof OciError || code === undefined || !systemCode.test(code)) return error;
  const message = error instanceof Error ? error.message : code;
  const isFull = code === 'ENOSPC' || code === quotaExceeded;
  const isDenied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  return new OciError(
    isFull ? 'BUNNY_ENOSPACE' : isDenied ? 'BUNNY_EACCESS' : 'BUNNY_EIO',
    words.get(code) ?? `this machine refused: ${message}`,
    {
      where: path,
      hint: isFull
        ? 'make room, and run again'
        : 'check that the path exists on a writable file system and that you may write there',
      cause: error,
      exitStatus: 74,
    },
  );
}

/** EDQUOT of Linux, for which libuv has no name. */
const quotaExceeded = 'Unknown system error -122';
const systemCode = /^(?:E[A-Z0-9]+|UNKNOWN|Unknown system error -\d+)$/;

/** What the file system's own codes mean to people: in the words that Bunny has for them elsewhere. */
const words: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  [quotaExceeded, 'your disk quota is used up'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EROFS', 'the file system is read-only'],
  ['ENOENT', 'no such file or directory'],
  ['EISDIR', 'this is a directory, not a file'],
  ['ELOOP', 'symbolic links form a loop'],
  ['EEXIST', 'a file is where a directory is to be'],
  ['ENOTDIR', 'a part of the path is not a directory'],
]);

/** Where a failure says itself which path it is about. */
export function pathOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('path' in error)) return undefined;
  return typeof error.path === 'string' ? error.path : undefined;
}

/** Throws BUNNY_EABORTED when the signal has been raised. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError(signal.reason);
}

export function abortedError(cause?: unknown): OciError {
  return new OciError('BUNNY_EABORTED', 'interrupted', {
    where: 'the transfer',
    hint: 'run again: what was finished is kept',
    cause,
  });
}
