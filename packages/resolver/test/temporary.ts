import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeTree } from '@bunny/oci';

const made: string[] = [];

/** Makes an empty directory for a test. It is removed after the last test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'bunny-resolver-')));
  made.push(directory);
  return directory;
}

after(async () => {
  for (const directory of made) await removeTree(directory);
});
