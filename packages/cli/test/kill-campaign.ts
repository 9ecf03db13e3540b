import assert from 'node:assert/strict';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readManifest } from 'bunny-libos-namespace';
import { joinReference, openTarget, readBytes, removeTree, Store } from 'bunny-libos-oci';
import { bunnyDone, type Finished, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { copyOfApp, warren } from 'bunny-libos-testing/frameworks/warren.js';
import { tagsInIndex } from './concurrent-publishers.js';

export interface KillCampaign {
  /** Base reference that holds warren for the app, and that is published to. */
  base: string;
  /** An app with a lock, resolved from `base`, and with its image for amd64/linuxu. */
  app: string;
  /** Empty directory. */
  scratch: string;
  /** Processes to kill. */
  kills: number;
  seed: number;
  /** Told the sum after each round. */
  onRound?: (sum: KillResult) => void;
}

export interface KillResult {
  /** Processes that were killed while they ran. */
  kills: number;
  /** Processes that had ended well before. */
  survived: number;
  /** Variants that were acknowledged as published. */
  acknowledged: number;
}

/** Copies what the app `hello` needs of warren to a base. */
export async function mirrorWarren(base: string): Promise<void> {
  const { registry, store } = await warren();
  const app = await copyOfApp('hello');
  await bunnyDone(['resolve', '--from', registry], { cwd: app, store });
  await bunnyDone(['mirror', '--to', base], { cwd: app, store });
}

/** The app `hello` with its lock and image, from the library OS at a base. */
export async function builtApp(base: string): Promise<string> {
  const { store } = await warren();
  const app = await copyOfApp('hello');
  await bunnyDone(['resolve', '--from', base], { cwd: app, store });
  await bunnyDone(['build', '--frozen', '--from', base, ...target], { cwd: app, store });
  return app;
}

interface Publication {
  results: { pushed: { tag: string }[] }[];
}

/** Longest time that a process is left alone at first. Milliseconds. */
const firstLife = 2500;

const target = ['--arch', 'amd64', '--platform', 'linuxu'];

/**
 * Rounds of four processes at once, on one new store and one registry: two publishers of different variants
 * of one version, two builders of two copies of an app. Each is killed at a random instant. After each round
 * the store must be clean, and everything that was acknowledged there and whole; then the same commands are
 * run to their end, and must leave all variants in the index and the image that they always made.
 */
export async function runKillCampaign(campaign: KillCampaign): Promise<KillResult> {
  const { base, scratch, app, kills } = campaign;
  const random = new Random(campaign.seed);
  await writeTinyLibos(scratch);
  await bunnyDone(['publish', join(scratch, 'tooling'), '--to', base], { store: join(scratch, 'store') });
  const image = await imageOf(app);
  const result: KillResult = { kills: 0, survived: 0, acknowledged: 0 };
  let longestLife = firstLife;
  for (let round = 0; result.kills < kills; round++) {
    const version = `1.0.${round}`;
    const place = await writeTinyVersion(scratch, version);
    const store = join(scratch, `store-${round}`);
    const apps = [join(scratch, `a-${round}`), join(scratch, `b-${round}`)];
    for (const copy of apps) await copyOfLocked(app, copy, base);
    const commands = [
      ...['amd64', 'arm64'].map((arch) => ({
        words: ['publish', place, '--to', base, '--arch', arch],
        cwd: scratch,
      })),
      ...apps.map((cwd) => ({ words: ['build', '--frozen', ...target], cwd })),
    ];
    const acknowledged = new Set<string>();
    await Promise.all(
      commands.map(async ({ words, cwd }) => {
        const { child, finished } = startBunny([...words, '--json'], { store, cwd });
        const ended = await Promise.race([finished, sleep(random.next() * longestLife)]);
        if (ended === undefined) child.kill('SIGKILL');
        const { status, stdout, stderr } = await finished;
        assert.ok(status === 0 || status === 137, `${words.join(' ')} ended with ${status}\n${stderr}`);
        if (status === 137) result.kills++;
        else result.survived++;
        for (const tag of pushedTags(words, { status, stdout, stderr })) acknowledged.add(tag);
      }),
    );
    result.acknowledged += acknowledged.size;
    // As many instants as possible of a process's life, and some processes that come to its end.
    longestLife *= result.survived * 3 < result.kills ? 1.25 : 0.8;
    await assertStoreClean(store);
    await assertWhole(base, acknowledged);

    await Promise.all(commands.map(({ words, cwd }) => bunnyDone(words, { store, cwd })));
    const tags = await tagsInIndex(openTarget(joinReference(base, 'tiny/one')), version);
    assert.equal(tags.size, 4, `the index of ${version} has ${[...tags].join(' ')}`);
    await assertWhole(base, tags);
    for (const copy of apps) assert.ok(image.equals(await imageOf(copy)), 'the image differs');
    await assertStoreClean(store);
    for (const directory of [store, ...apps, place]) await removeTree(directory);
    campaign.onRound?.(result);
  }
  return result;
}

function pushedTags([command]: readonly string[], { status, stdout }: Finished): string[] {
  if (command !== 'publish' || status !== 0) return [];
  const { results } = JSON.parse(stdout) as Publication;
  return results.flatMap(({ pushed }) => pushed.map(({ tag }) => tag));
}

/** The app, its lock and nothing that was built, with the base as its registry. */
async function copyOfLocked(app: string, copy: string, base: string): Promise<void> {
  await cp(app, copy, { recursive: true, filter: (path) => !path.endsWith('/build') });
  assert.ok((await readFile(join(copy, 'bunny.lock'), 'utf8')).includes(base));
}

const imageOf = (app: string) => readFile(join(app, 'build', 'hello-amd64-linuxu'));

async function assertStoreClean(directory: string): Promise<void> {
  const { corrupt } = await (await Store.open(directory)).verify();
  assert.deepEqual(corrupt, []);
}

/** Every tag leads to a manifest whose parts are all there, with their digests. */
async function assertWhole(base: string, tags: ReadonlySet<string>): Promise<void> {
  const repository = openTarget(joinReference(base, 'tiny/one'));
  for (const tag of tags) {
    const found = await repository.fetchManifest(tag);
    assert.ok(found !== undefined, `${tag} was acknowledged and is not there`);
    const { config, layers } = readManifest(found.bytes, found.descriptor.mediaType, tag);
    for (const part of [config, ...layers]) await readBytes(repository, part);
  }
}
