import { mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';

/** What scripts/test-directory.mjs gives to each run of the tests: see there. */
export const runDirectory = given('BUNNY_TEST_DIRECTORY');
export const lastingCache = given('BUNNY_TEST_CACHE');

/** Makes an empty directory for a test, of which `name` tells the use. It goes when the run of the tests ends. */
export async function temporaryDirectory(name: string): Promise<string> {
  return await realpath(await mkdtemp(join(runDirectory, `bunny-${name}-`)));
}

function given(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: node --import ./scripts/test-directory.mjs`);
  return value;
}
