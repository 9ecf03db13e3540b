import { resolve } from 'node:path';
import { readLockFile } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type Lock } from 'bunny-libos-spec';

/** The lock that was named. Throws BUNNY_ENOFILE where there is none; `hint` says how to name another one. */
export async function requireLock(file: string, hint: string): Promise<Lock> {
  const lock = await readLockFile(file);
  if (lock !== undefined) return lock;
  throw new BunnyError('BUNNY_ENOFILE', `there is no ${file}`, {
    where: resolve(file),
    hint: `${hint}, or make it with \`bunny resolve\``,
    exitStatus: exitStatus.usage,
  });
}
