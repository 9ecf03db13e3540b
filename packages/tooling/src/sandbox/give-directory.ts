import { chownSync, lchownSync, statSync } from 'node:fs';
import { HeldDirectory } from 'bunny-libos-oci';

/**
 * Makes a user the owner of a directory and of all that is in it, unless that is so already. Links are given, not what
 * they lead to; a file that has another name, perhaps elsewhere, stays whose it is. Throws what the file system throws.
 */
export function giveDirectory(directory: string, user: number): void {
  const held = HeldDirectory.open(directory);
  try {
    give(held, user);
  } finally {
    held.close();
  }
}

function give(held: HeldDirectory, user: number): void {
  const place = `${held.place}/`;
  if (statSync(place).uid === user) return;
  for (const name of held.listBytes()) {
    const status = held.status(name);
    if (status === undefined) continue;
    if (status.isDirectory()) {
      const below = held.enter(name);
      try {
        give(below, user);
      } finally {
        below.close();
      }
    } else if (status.nlink === 1) lchownSync(Buffer.concat([Buffer.from(place), name]), user, user);
  }
  // Last, so that whoever is interrupted here begins anew.
  chownSync(place, user, user);
}
