import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bunnyJson, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  filesBelow,
  freshStore,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Results {
  results: { compiled: number; pushed: unknown[]; variants: { action: string }[] }[];
}

describe('bunny publish, interrupted', function () {
  this.timeout(120_000);
  let directory: string;
  let store: string;
  let words: string[];

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
    directory = await temporaryDirectory('layout');
    store = await freshStore();
    words = [
      'publish',
      warrenSources,
      '--allow-commands',
      '--to',
      `oci:${directory}`,
      '--arch',
      'amd64',
      '--platform',
      'linuxu',
    ];
  });

  /** Starts it and kills it as soon as `isTime`, without a chance to tidy up. */
  const killWhen = async (isTime: () => Promise<boolean>, signal: NodeJS.Signals = 'SIGKILL') => {
    const { child, finished } = startBunny(words, { store });
    let ended = false;
    void finished.then(() => {
      ended = true;
    });
    while (!ended && !(await isTime())) await sleep(5);
    child.kill(signal);
    return await finished;
  };
  // What is put into place while it is listed may be gone by then: the next look sees it.
  const objects = async () =>
    (await filesBelow(join(store, 'publish')).catch(() => [])).filter((path) => path.endsWith('.o')).length;
  const tags = async () => (await layoutTags(directory).catch(() => new Map())).size;

  it('keeps what was compiled when it is killed', async () => {
    const { status } = await killWhen(async () => (await objects()) >= 10);
    assert.equal(status, 137);
    assert.ok((await objects()) >= 10);
  });

  it('says that it was cancelled on Ctrl-C, with status 130', async () => {
    const more = (await objects()) + 3;
    const { status, stderr } = await killWhen(async () => (await objects()) >= more, 'SIGINT');
    assert.equal(status, 130, stderr);
  });

  it('keeps what was pushed when it is killed', async () => {
    for (const enough of [2, 8]) {
      const { status } = await killWhen(async () => (await tags()) >= enough);
      assert.equal(status, 137);
      assert.ok((await tags()) >= enough);
    }
  });

  it('finishes the rest when it is run again, with the digests of a run that was left alone', async () => {
    const before = await tags();
    const { results } = await bunnyJson<Results>(words, { store });
    const [result] = results;
    const wanted = result?.variants.filter(({ action }) => action !== 'leave') ?? [];
    const there = wanted.filter(({ action }) => action === 'present').length;
    assert.ok(there > 0 && before > there, 'some were pushed before');
    assert.equal(result?.pushed.length, wanted.length - there);
    assert.equal(result?.compiled, 0, 'all was compiled before');
    const whole = await layoutTags((await warren()).directory);
    for (const [name, digest] of await layoutTags(directory)) {
      if (/_[0-9a-f]{16}$/.test(name)) assert.equal(digest, whole.get(name), name);
    }
    const { results: again } = await bunnyJson<Results>(words, { store });
    assert.deepEqual(again[0]?.pushed, []);
  });
});
