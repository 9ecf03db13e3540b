// Gives a run of the tests one directory for all that it makes, and removes that when the run ends. Mocha requires it
// (.mocharc.json) in every process that runs test files, and scripts/soak imports it: the first process makes the
// directory, the others inherit it by the environment:
//
// BUNNY_TEST_DIRECTORY  holds what is removed at the end only: `temporaryDirectory` of the tests gives places there.
// TMPDIR                is below it. Who uses that, be it a test or a program under test, has to tidy up: what is left
//                       there is an error.
// HOME                  is below it as well, and whatever of the environment leads to files or registries of the user is
//                       left out. Nothing may be written there either: who needs a store names one.
// BUNNY_TEST_COMMAND    `sources`: tests run the command from the files that it is packed from (`npm run coverage`).
// BUNNY_TEST_CACHE      holds what takes long to make and never changes. All runs share it, and it stays.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { constants, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

process.env.BUNNY_TEST_CACHE ??= join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bunny-test');

if (process.env.BUNNY_TEST_DIRECTORY === undefined) {
  const directory = mkdtempSync(join(tmpdir(), 'bunny-test-'));
  process.env.BUNNY_TEST_DIRECTORY = directory;
  process.env.TMPDIR = join(directory, 'tmp');
  mkdirSync(process.env.TMPDIR);
  // What fetches a program from npm does so as this user is set up to.
  process.env.npm_config_userconfig ??= join(homedir(), '.npmrc');
  process.env.npm_config_cache ??= join(homedir(), '.npm');
  for (const name of Object.keys(process.env)) {
    if (/^(?:XDG_|DOCKER_|REGISTRY_AUTH_FILE$|BUNNY_(?!TEST_))/.test(name)) delete process.env[name];
  }
  process.env.HOME = join(directory, 'home');
  mkdirSync(process.env.HOME);
  process.once('exit', () => {
    // Directories of unpacked layers are read-only.
    spawnSync('find', [directory, '-type', 'd', '!', '-perm', '-u+w', '-exec', 'chmod', 'u+w', '{}', '+']);
    rmSync(directory, { recursive: true, force: true });
  });
}

if (process.env.NODE_V8_COVERAGE !== undefined && process.env.MOCHA_WORKER_ID !== undefined) {
  // What is counted is what this process runs. Node would have every program that it starts count as well.
  if (process.env.BUNNY_TEST_COMMAND !== 'sources') delete process.env.NODE_V8_COVERAGE;
  // Mocha gives its processes a second to end, and then this signal, which must not cut off the writing of it.
  process.once('SIGTERM', () => process.exit(128 + constants.signals.SIGTERM));
}

/** `this`: the runner. */
export function mochaGlobalSetup() {
  // Where the tests run in this process, Ctrl-C would have to wait for the one that runs: it ends them at once.
  if (!this.isParallelMode()) return;
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

export function mochaGlobalTeardown() {
  for (const place of [tmpdir(), homedir()]) {
    const left = readdirSync(place);
    if (left.length > 0) throw new Error(`the tests left files in ${place}: ${left.join(' ')}`);
  }
}
