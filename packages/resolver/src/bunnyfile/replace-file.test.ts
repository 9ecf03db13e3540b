import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { replaceFile } from './replace-file.js';

/** Reads a file over and over until told to stop, and says what it found. */
const reader = `
  const { readFileSync } = require('node:fs');
  const { parentPort, workerData: { file, done } } = require('node:worker_threads');
  const found = new Set();
  parentPort.postMessage('reading');
  while (Atomics.load(done, 0) === 0) {
    let text;
    try { text = readFileSync(file, 'utf8'); } catch (error) { text = error.code; }
    found.add(text.length + text.slice(0, 6));
  }
  parentPort.postMessage([...found]);
`;

describe('replaceFile', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-replace-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('shows readers the old text or the new one, whole, and nothing in between', async () => {
    const file = join(directory, 'bunny.lock');
    const texts = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await writeFile(file, texts[0] ?? '');
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(reader, { eval: true, workerData: { file, done } });
    const heard = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
    await heard();
    for (let i = 1; i <= 40; i++) await replaceFile(file, texts[i % 2] ?? '');
    const found = heard();
    Atomics.store(done, 0, 1);
    const seen = (await found) as string[];
    assert.deepEqual(
      seen.filter((each) => !['300000aaaaaa', '300000bbbbbb'].includes(each)),
      [],
    );
    assert.deepEqual(await readdir(directory), ['bunny.lock']);
  });

  it('keeps the mode', async () => {
    const file = join(directory, 'private');
    await writeFile(file, 'old');
    await chmod(file, 0o600);
    await replaceFile(file, 'new');
    assert.equal(await readFile(file, 'utf8'), 'new');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('writes over no link, wherever it leads', async () => {
    const file = join(directory, 'linked');
    await writeFile(file, 'old');
    for (const [name, target] of [
      ['link', 'linked'],
      ['dangling', 'none'],
    ] as const) {
      const link = join(directory, name);
      await symlink(target, link);
      await assert.rejects(replaceFile(link, 'new'), { code: 'BUNNY_EPATH', where: { file: link } });
      assert.equal(await readlink(link), target);
    }
    assert.equal(await readFile(file, 'utf8'), 'old');
    assert.ok(!(await readdir(directory)).includes('none'));
  });

  it('leaves the old text, and nothing else, where the new one cannot be put in place', async () => {
    const place = join(directory, 'place');
    await assert.rejects(replaceFile(join(place, 'bunny.lock'), 'new'), { code: 'ENOENT' });
    const before = await readdir(directory);
    // A directory of that name: the text is written beside it, and cannot take its name.
    await assert.rejects(replaceFile(directory, 'new'), { path: directory });
    assert.deepEqual(await readdir(directory), before);
    assert.ok(!(await readdir(tmpdir())).some((name) => name.startsWith(`.${directory.split('/').at(-1)}`)));
  });
});
