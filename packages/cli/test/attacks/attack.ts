import { chmod, mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as command from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { appSources, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { type Account, attackAccounts, copyFor } from './account.js';

/** Where an attack happens, and as whom. All of it belongs to that user, and is there for one test only. */
export interface Place {
  account: Account;
  /** The user's home directory: empty. */
  home: string;
  /** A directory in it for a project: empty. */
  project: string;
  /** The published warren, as a REF: the user's own copy, which all attacks share. For reading only. */
  registry: string;
  /** The user's store, which all attacks share: it holds the tooling roots. `ownStore` gives one to spoil. */
  store: string;
  /** Copies the store. Takes a second. */
  ownStore(): Promise<string>;
  /** Writes files of that user below the project, or below another directory: path -> text. */
  write(files: Readonly<Record<string, string>>, directory?: string): Promise<void>;
  /** Fills the project with one of fixtures/apps. */
  app(name: string): Promise<void>;
  /** Gives all below a path to that user, where a test has made it. Links stay as they are. */
  own(path: string): Promise<void>;
  /** Runs `bunny` as that user: in the project, with the store and the home directory, unless said otherwise. */
  bunny(words: readonly string[], options?: command.BunnyOptions): Promise<command.Finished>;
  bunnyDone(words: readonly string[], options?: command.BunnyOptions): Promise<command.Finished>;
  bunnyJson<Document>(words: readonly string[], options?: command.BunnyOptions): Promise<Document>;
  bunnyError(
    words: readonly string[],
    options?: command.BunnyOptions,
  ): Promise<command.ReportedError & { status: number; stderr: string }>;
  /** The same, left running. */
  startBunny(words: readonly string[], options?: command.BunnyOptions): ReturnType<typeof command.startBunny>;
}

/**
 * Registers a test for each user that an attack is tried as: where the tests run as root, as root and as an ordinary
 * user made for it; else as the one who runs them. For use inside a `describe`.
 */
export function attack(
  title: string,
  body: (place: Place) => Promise<void>,
  { timeout = 60_000 }: { timeout?: number } = {},
): void {
  for (const account of attackAccounts) {
    it(`${title} (as ${account.title})`, async function () {
      // Whoever comes first publishes warren, and copies it.
      this.timeout(warrenTimeout);
      const place = await placeFor(account);
      this.timeout(timeout);
      await body(place);
    });
  }
}

async function placeFor(account: Account): Promise<Place> {
  const { directory, registry, store, bunny } = await copyFor(account, await warren());
  const home = await realpath(await mkdtemp(join(directory, 'home-')));
  const temporary = join(home, 'tmp');
  const project = join(home, 'project');
  for (const made of [temporary, project]) await mkdir(made);
  const own = (path: string) => account.own(path);
  await chmod(home, 0o700);
  await own(home);

  const as = ({ env, through = [], ...options }: command.BunnyOptions = {}): command.BunnyOptions => ({
    cwd: project,
    store,
    command: bunny,
    through: [...account.through, ...through],
    env: { HOME: home, TMPDIR: temporary, ...env },
    ...options,
  });
  return {
    account,
    home,
    project,
    registry,
    store,
    own,
    ownStore: async () => {
      const copy = join(home, 'store');
      await account.copy(store, copy);
      return copy;
    },
    write: async (files, where = project) => {
      await writeFiles(where, files);
      // Directories above a file are made, too.
      await own(where);
    },
    app: async (name) => {
      await account.copy(`${join(appSources, name)}/.`, project);
    },
    bunny: (words, options) => command.bunny(words, as(options)),
    bunnyDone: (words, options) => command.bunnyDone(words, as(options)),
    bunnyJson: (words, options) => command.bunnyJson(words, as(options)),
    bunnyError: (words, options) => command.bunnyError(words, as(options)),
    startBunny: (words, options) => command.startBunny(words, as(options)),
  };
}
