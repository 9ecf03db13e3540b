import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The bytes of all files below a directory, each hard-linked file once; 0 where it does not exist. */
export async function sizeOfTree(directory: string): Promise<number> {
  const counted = new Set<number>();
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const status = lstatSync(path.join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    if (status === undefined) continue;
    if (status.nlink > 1) {
      if (counted.has(status.ino)) continue;
      counted.add(status.ino);
    }
    bytes += status.size;
  }
  return bytes;
}
