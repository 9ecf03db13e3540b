import { readFile } from 'node:fs/promises';
import { MetadataCache } from 'bunny-libos-namespace';
import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { foundBunnyfile } from 'bunny-libos-project';
import { lockedRules, lockFileName, readLockFile } from 'bunny-libos-resolver';
import {
  type Bunnyfile,
  errorCodes,
  exitStatus,
  type Lock,
  readBunnyfile,
  type TargetName,
} from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';
import type { AskedValues } from '../../options/flag.js';

/** What the project in this directory and the store know, without a registry. */
interface Known {
  bunnyfile: Bunnyfile | undefined;
  locks: readonly Lock[];
  /** Made by nobody who only looks. */
  store: Store;
}

/** No shell makes anything of these: they may be those of a cloned project. */
const plainWord = /^[A-Za-z0-9][\w.+-]*$/;

/** `bunny completion-values`: what a word may become, a line each. Fails for nothing, and says nothing else. */
export async function run({ terminal }: Run, what: AskedValues, word = ''): Promise<number> {
  const known: Known = {
    bunnyfile: await foundBunnyfile()
      .then((file) => readFile(file ?? 'Bunnyfile', 'utf8'))
      .then((text) => readBunnyfile(text, 'Bunnyfile', 'app').value)
      .catch(() => undefined),
    locks: (await readLockFile(lockFileName).catch(() => undefined)) ?? [],
    store: new Store(defaultStoreDirectory()),
  };
  const isList = what === 'architectures' || what === 'platforms' || what === 'frameworks';
  const before = isList ? word.slice(0, word.lastIndexOf(',') + 1) : '';
  const values = await valuesOf[what](known).catch(() => []);
  for (const value of [...new Set(values)].sort()) {
    if (plainWord.test(value) && `${before}${value}`.startsWith(word)) terminal.print([`${before}${value}`]);
  }
  return exitStatus.done;
}

const valuesOf: Readonly<Record<AskedValues, (known: Known) => Promise<string[]>>> = {
  architectures: async (known) => [
    ...['amd64', 'arm64', 'riscv64'],
    ...(await targets(known)).map(({ arch }) => arch),
  ],
  platforms: async (known) => (await targets(known)).map(({ platform }) => platform),
  frameworks: async ({ bunnyfile, store }) => [
    ...frameworksOf(bunnyfile),
    ...(await repositories(store)).map(({ framework }) => framework),
  ],
  dependencies: async ({ bunnyfile }) => Object.keys(bunnyfile?.dependencies ?? {}),
  locked: async ({ locks }) =>
    locks.flatMap(({ targets: all }) => all.flatMap(({ components }) => components.map(({ name }) => name))),
  codes: async () => Object.keys(errorCodes),
  published: async ({ bunnyfile, store }) =>
    (await repositories(store))
      .filter(({ framework }) => bunnyfile === undefined || frameworksOf(bunnyfile).includes(framework))
      .map(({ name }) => name),
};

/** Those of the tooling layer, where it is at hand, and of the documents. */
async function targets({ bunnyfile, locks, store }: Known): Promise<readonly TargetName[]> {
  const offered = locks.map(async ({ targets: [first] }) =>
    first === undefined ? undefined : await lockedRules(store, first.tooling),
  );
  const rules = (await Promise.all(offered)).flatMap((each) => each?.targets ?? []);
  return [...rules, ...locks.flatMap((lock) => lock.targets), ...(bunnyfile?.targets ?? [])];
}

function frameworksOf(bunnyfile: Bunnyfile | undefined): string[] {
  if (bunnyfile === undefined) return [];
  return bunnyfile.frameworks?.map(({ name }) => name) ?? [bunnyfile.framework];
}

/** Components of which the store remembers what was published. */
async function repositories(store: Store): Promise<{ framework: string; name: string }[]> {
  const names = await MetadataCache.of(store).repositories();
  return names.map((repository) => {
    const [framework = '', name = ''] = repository.split(/[/:]/).slice(-2);
    return { framework, name };
  });
}
