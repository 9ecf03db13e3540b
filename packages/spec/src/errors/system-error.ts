import { BunnyError, type ErrorCode, type Position } from './errors.js';

interface Meaning {
  code: ErrorCode;
  summary: string;
  hint: string;
}

const makeRoom = 'make room, then run the same command again: nothing half-written is left';
const checkOwner = 'check who owns this path';
const checkPath = 'check the path';

/** What the file system's own codes mean to people. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['ENOSPC', { code: 'BUNNY_ENOSPACE', summary: 'the disk is full', hint: makeRoom }],
  // EDQUOT of Linux, for which libuv has no name.
  [
    'Unknown system error -122',
    { code: 'BUNNY_ENOSPACE', summary: 'your disk quota is used up', hint: makeRoom },
  ],
  ['EACCES', { code: 'BUNNY_EACCESS', summary: 'permission denied', hint: checkOwner }],
  ['EPERM', { code: 'BUNNY_EACCESS', summary: 'operation not permitted', hint: checkOwner }],
  [
    'EROFS',
    {
      code: 'BUNNY_EACCESS',
      summary: 'the file system is read-only',
      hint: 'choose another place for the output or the cache',
    },
  ],
  ['ENOENT', { code: 'BUNNY_ENOFILE', summary: 'no such file or directory', hint: checkPath }],
  ['EISDIR', { code: 'BUNNY_ENOFILE', summary: 'this is a directory, not a file', hint: checkPath }],
  ['ELOOP', { code: 'BUNNY_ENOFILE', summary: 'symbolic links form a loop', hint: checkPath }],
  [
    'EEXIST',
    {
      code: 'BUNNY_EEXISTS',
      summary: 'a file is where a directory is to be',
      hint: 'move it out of the way',
    },
  ],
  ['ENOTDIR', { code: 'BUNNY_ENOFILE', summary: 'a part of the path is not a directory', hint: checkPath }],
]);

/**
 * The error for what the file system refused, wherever it was met: BUNNY_ENOSPACE, BUNNY_EACCESS, BUNNY_ENOFILE,
 * BUNNY_EEXISTS, else BUNNY_EIO. Undefined for errors of other sorts. `place` is named
 * where the failure names no path itself.
 */
export function systemError(error: unknown, place?: Position | string): BunnyError | undefined {
  if (!(error instanceof Error) || !('errno' in error) || !('syscall' in error)) return undefined;
  const { code = '', path, dest, syscall = '' } = error as NodeJS.ErrnoException & { dest?: string };
  if (syscall === 'uv_cwd') return noCurrentDirectory(error);
  // What could not be moved to its place is told by its place.
  const where = dest ?? path ?? place;
  const {
    code: known,
    summary,
    hint,
  } = meanings.get(code) ?? {
    code: 'BUNNY_EIO',
    summary: `this machine refused: ${error.message}`,
    hint: 'make sure that the limits and the file systems of this machine allow it',
  };
  return new BunnyError(known, summary, {
    where: where ?? syscall,
    details: where === undefined ? [error.message] : undefined,
    hint,
    cause: error,
  });
}

/** Someone has removed the directory that the command was started in. */
function noCurrentDirectory(cause: Error): BunnyError {
  return new BunnyError('BUNNY_ENOFILE', 'the current directory no longer exists', {
    where: process.env.PWD || '.',
    hint: 'change to one that exists, and run the command again',
    cause,
  });
}

/** The error for a disk without room, where a tool or another package tells of it. */
export function diskFull(where: Position | string, details: readonly string[] = []): BunnyError {
  return new BunnyError('BUNNY_ENOSPACE', 'the disk is full', {
    where,
    hint: makeRoom,
    details: [...details],
  });
}
