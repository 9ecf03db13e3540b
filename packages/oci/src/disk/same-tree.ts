import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/**
 * Whether two directories hold the same: names, kinds, permission bits, content of files, targets of symlinks. Times
 * do not count, nor do the permissions of the two themselves. False where something in them cannot be read.
 */
export async function isSameTree(left: string, right: string): Promise<boolean> {
  try {
    return await haveSame(left, right);
  } catch {
    return false;
  }
}

async function isSame(left: string, right: string): Promise<boolean> {
  const [ours, theirs] = await Promise.all([lstat(left), lstat(right)]);
  if (ours.mode !== theirs.mode) return false;
  if (ours.isDirectory()) return await haveSame(left, right);
  if (ours.isSymbolicLink()) return (await readlink(left)) === (await readlink(right));
  if (!ours.isFile() || ours.size !== theirs.size) return false;
  const [content, other] = await Promise.all([readFile(left), readFile(right)]);
  return content.equals(other);
}

async function haveSame(left: string, right: string): Promise<boolean> {
  const [names, others] = await Promise.all([readdir(left), readdir(right)]);
  if (names.length !== others.length) return false;
  const there = new Set(others);
  for (const name of names) {
    if (!there.has(name) || !(await isSame(path.join(left, name), path.join(right, name)))) return false;
  }
  return true;
}
