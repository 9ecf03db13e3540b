import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '@bunny/oci';

/** Everything that this process made, removed when its last test has ended. */
const made: string[] = [];

/** Makes an empty directory for a test, of which `name` tells the use. It is removed after the last test. */
export async function temporaryDirectory(name: string): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), `bunny-${name}-`)));
  made.push(directory);
  return directory;
}

/** Removes what was made. Mocha calls it at its end; what runs without mocha has to. */
export async function removeTemporaryDirectories(): Promise<void> {
  for (const directory of made.splice(0)) await removeTree(directory);
}

globalThis.after?.(async function () {
  this.timeout(60_000);
  await removeTemporaryDirectories();
});
