import { lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The Bunnyfile of a command that names none, as the user would write its path: that of this directory, else that of the
 * nearest directory above. Undefined where there is none. What stands above is somebody else's where its owner is neither
 * this user, nor root, nor who owns this directory: it is not taken, as anybody may put a file into /tmp.
 */
export async function foundBunnyfile(): Promise<string | undefined> {
  const name = 'Bunnyfile';
  if ((await ownerOf(name)) !== undefined) return name;
  const trusted = [process.getuid?.(), 0, await ownerOf('.')];
  for (let path = join('..', name); ; path = join('..', path)) {
    const owner = await ownerOf(path);
    if (owner !== undefined && trusted.includes(owner)) return path;
    const directory = resolve(dirname(path));
    if (directory === dirname(directory)) return undefined;
  }
}

async function ownerOf(path: string): Promise<number | undefined> {
  return lstat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
}
