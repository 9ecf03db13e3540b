import { OciError } from '@bunny/oci';
import { BunnyError, exitStatus, type Position } from '@bunny/spec';

/** What every tool says when the disk is full, strerror(ENOSPC) in the C locale. */
const full = 'No space left on device';

/** True where a tool's output says that the disk is full. */
export function saysDiskFull(lines: readonly string[]): boolean {
  return lines.some((line) => line.includes(full));
}

/** The error for a disk without room. */
export function diskFull(where: Position | string, details: readonly string[] = []): BunnyError {
  return new BunnyError('BUNNY_ENOSPACE', 'no space left on the disk', {
    where,
    hint: 'make room, then build again: nothing half-written is left',
    exitStatus: exitStatus.buildFailed,
    details: [...details],
  });
}

/**
 * What the file system refused, as an error for people: BUNNY_ENOSPACE wherever it was met, else BUNNY_EIO. Other
 * errors come back as they are. `directory` is named where the failure names no path.
 */
export function asFileFailure(error: unknown, directory: string): unknown {
  if (error instanceof BunnyError) {
    return error.code === 'BUNNY_EGRAPH' && saysDiskFull(error.details)
      ? diskFull(directory, error.details)
      : error;
  }
  if (error instanceof OciError) {
    return error.code === 'BUNNY_ENOSPACE' ? diskFull(error.where ?? directory, error.details) : error;
  }
  if (!isSystemError(error)) return error;
  // What could not be moved to its place is told by its place.
  const where = error.dest ?? error.path ?? directory;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return diskFull(where);
  return new BunnyError('BUNNY_EIO', `the file system refused: ${error.code} (${error.syscall})`, {
    where,
    hint: 'see to it that this directory is there and may be written',
    cause: error,
    exitStatus: exitStatus.buildFailed,
  });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { dest?: string } {
  return error instanceof Error && 'syscall' in error && 'errno' in error;
}
