import { readFile } from 'node:fs/promises';
import { MetadataCache } from 'bunny-libos-namespace';
import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { lockedRules, lockFileName, readLockFile } from 'bunny-libos-resolver';
import { type Bunnyfile, exitStatus, type Lock, readBunnyfile, type TargetName } from 'bunny-libos-spec';
import type { Run } from '../../options/command.js';
import type { AskedValues } from '../../options/flag.js';

/** What the project in this directory and the store know, without a registry. */
interface Known {
  bunnyfile: Bunnyfile | undefined;
  lock: Lock | undefined;
  /** Made by nobody who only looks. */
  store: Store;
}

/** No shell makes anything of these: they may be those of a cloned project. */
const plainWord = /^[A-Za-z0-9][\w.+-]*$/;

/** `bunny completion-values`: what a word may become, a line each. Fails for nothing, and says nothing else. */
export async function run({ terminal }: Run, what: AskedValues, word = ''): Promise<number> {
  const known: Known = {
    bunnyfile: await readFile('Bunnyfile', 'utf8')
      .then((text) => readBunnyfile(text, 'Bunnyfile', 'app').value)
      .catch(() => undefined),
    lock: await readLockFile(lockFileName).catch(() => undefined),
    store: new Store(defaultStoreDirectory()),
  };
  const isList = what === 'architectures' || what === 'platforms';
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
    ...(bunnyfile === undefined ? [] : [bunnyfile.framework]),
    ...(await repositories(store)).map(({ framework }) => framework),
  ],
  dependencies: async ({ bunnyfile }) => Object.keys(bunnyfile?.dependencies ?? {}),
  locked: async ({ lock }) =>
    (lock?.targets ?? []).flatMap(({ components }) => components.map(({ name }) => name)),
  published: async ({ bunnyfile, store }) =>
    (await repositories(store))
      .filter(({ framework }) => bunnyfile === undefined || framework === bunnyfile.framework)
      .map(({ name }) => name),
};

/** Those of the tooling layer, where it is at hand, and of the documents. */
async function targets({ bunnyfile, lock, store }: Known): Promise<readonly TargetName[]> {
  const locked = lock?.targets ?? [];
  const tooling = locked[0]?.tooling;
  const rules = tooling === undefined ? undefined : await lockedRules(store, tooling);
  return [...(rules?.targets ?? []), ...locked, ...(bunnyfile?.targets ?? [])];
}

/** Components of which the store remembers what was published. */
async function repositories(store: Store): Promise<{ framework: string; name: string }[]> {
  const names = await MetadataCache.of(store).repositories();
  return names.map((repository) => {
    const [framework = '', name = ''] = repository.split(/[/:]/).slice(-2);
    return { framework, name };
  });
}
