import { OciError } from 'bunny-libos-oci';
import { BunnyError, diskFull, systemError } from 'bunny-libos-spec';
import { saysDiskFull } from 'bunny-libos-tooling';

/**
 * What the file system refused, as an error for people: BUNNY_ENOSPACE wherever it was met, and what `systemError`
 * gives. Other errors come back as they are. `directory` is named where the failure names no path.
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
  return systemError(error, directory) ?? error;
}
