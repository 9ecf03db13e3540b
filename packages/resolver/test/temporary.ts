import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes an empty directory for a test. It goes when the run of the tests ends (scripts/test-directory.mjs). */
export async function temporaryDirectory(): Promise<string> {
  const parent = process.env.BUNNY_TEST_DIRECTORY ?? tmpdir();
  return await realpath(await mkdtemp(join(parent, 'bunny-resolver-')));
}
