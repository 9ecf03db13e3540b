import { BunnyError } from 'bunny-libos-spec';

/** A key that cannot be read or used. Nothing of the key stands in it. */
export function keyError(summary: string, where: string, hint: string, cause?: unknown): BunnyError {
  return new BunnyError('BUNNY_EKEY', summary, { where, hint, cause });
}
