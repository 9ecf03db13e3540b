import { resolve } from 'node:path';
import { readLockFile } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, type Lock } from 'bunny-libos-spec';

/** What the lock that was named pins for each framework. Throws BUNNY_ENOFILE where there is none; `hint` says how to name another one. */
export async function requireLock(file: string, hint: string): Promise<readonly Lock[]> {
  const locks = await readLockFile(file);
  if (locks !== undefined) return locks;
  throw new BunnyError('BUNNY_ENOFILE', `there is no ${file}`, {
    where: resolve(file),
    hint: `${hint}, or make it with \`bunny resolve\``,
    exitStatus: exitStatus.usage,
  });
}
