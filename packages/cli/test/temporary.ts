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

after(async function () {
  this.timeout(60_000);
  for (const directory of made) await removeTree(directory);
});
