import { BunnyError } from 'bunny-libos-spec';

/** The error for a tree that cannot be imported: why, where, what to do. */
export function refused(why: string, where: string, hint: string, details: string[] = []): BunnyError {
  return new BunnyError('BUNNY_EIMPORT', why, { where, hint, details });
}
