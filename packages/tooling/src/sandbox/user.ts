import { readFileSync } from 'node:fs';
import { BunnyError, exitStatus } from 'bunny-libos-spec';

/**
 * Whom a sandbox runs as where Bunny runs as root, on the host too. No person, package or container gets this number
 * (systemd, "Users, Groups, UIDs and GIDs on systemd Systems"), and it is one that containers have.
 */
const reserved = 65_521;

/** The user and group of a sandbox, by number. */
export interface SandboxUser {
  id: number;
  /** It is that user on the host. Else it is the caller there, and has the number inside only. */
  isReal: boolean;
}

/** Throws BUNNY_ESANDBOX where BUNNY_SANDBOX_UID is no number of a user, or that of root. */
export function sandboxUser(): SandboxUser {
  const asked = process.env.BUNNY_SANDBOX_UID || String(reserved);
  const id = /^\d{1,10}$/.test(asked) ? Number(asked) : 0;
  // The two largest are taken for "none" by kernels and programs.
  if (id === 0 || id >= 2 ** 32 - 2) {
    throw new BunnyError('BUNNY_ESANDBOX', `no sandbox can run as user ${JSON.stringify(asked)}`, {
      where: 'BUNNY_SANDBOX_UID',
      hint: 'set it to the number of a user that owns nothing, or not at all',
      exitStatus: exitStatus.usage,
    });
  }
  // Root of a namespace that has no such user is the caller outside, as anybody else is.
  return {
    id,
    isReal: process.getuid?.() === 0 && hasUser(mapping('uid'), id) && hasUser(mapping('gid'), id),
  };
}

/** Whether a namespace has a user, by its `uid_map` (user_namespaces(7)): lines of first inside, first outside, number. */
export function hasUser(map: string, id: number): boolean {
  return map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/ +/).map(Number);
    return id >= first && id < first + count;
  });
}

function mapping(kind: 'uid' | 'gid'): string {
  return readFileSync(`/proc/self/${kind}_map`, 'utf8');
}
