import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openedFiles } from 'bunny-libos-testing/command/opened-files.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { copyOfApp, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('the files that a command opens', function () {
  this.timeout(60_000);
  let published: Warren;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
    app = await copyOfApp('hello');
  });

  /** How many times a command opens the Bunnyfile, its lock, the store, and the rules of the tooling layer. */
  async function counts(...words: string[]) {
    const env = { BUNNY_REGISTRY: published.registry };
    const opened = await openedFiles(words, { cwd: app, store: published.store, env });
    const of = (file: string) => opened.get(file) ?? 0;
    const rules = [...opened].filter(([file]) => file.endsWith('/bunny/tooling.json'));
    return {
      Bunnyfile: of(join(app, 'Bunnyfile')),
      lock: of(join(app, 'bunny.lock')),
      store: of(join(published.store, 'oci-layout')),
      rules: rules.reduce((sum, [, times]) => sum + times, 0),
    };
  }

  it('are the Bunnyfile and the lock once more for what has to be alone with them, and the store once', async () => {
    assert.deepEqual(await counts('resolve'), { Bunnyfile: 2, lock: 2, store: 1, rules: 1 });
  });

  for (const words of [['resolve'], ['resolve', '--frozen'], ['fetch'], ['outdated']]) {
    it(`are those of the project and of the store once for \`bunny ${words.join(' ')}\``, async () => {
      const { rules, ...others } = await counts(...words);
      assert.deepEqual(others, { Bunnyfile: 1, lock: 1, store: 1 });
      assert.ok(rules <= 1, `rules: ${rules}`);
    });
  }

  for (const words of [
    ['build', '--arch', 'amd64', '--platform', 'linuxu'],
    ['run', '--arch', 'amd64', '--platform', 'linuxu'],
    ['build', '--dry-run'],
    ['tree'],
    ['graph'],
    ['why', 'libc'],
  ]) {
    it(`are those, and the rules of the tooling layer, once for \`bunny ${words.join(' ')}\``, async () => {
      assert.deepEqual(await counts(...words), { Bunnyfile: 1, lock: 1, store: 1, rules: 1 });
    });
  }

  for (const words of [['add', 'time'], ['update'], ['update', 'libc'], ['remove', 'time']]) {
    it(`are the lock once for \`bunny ${words.join(' ')}\`, however many closures it looks at`, async () => {
      const { rules: _, ...others } = await counts(...words);
      assert.deepEqual(others, { Bunnyfile: 2, lock: 1, store: 1 });
    });
  }

  it('are the lock once more where a build has to write it first', async () => {
    await edit(join(app, 'Bunnyfile'), 'libc: ^1.0', 'libc: ">=1"');
    const { rules: _, ...others } = await counts('build', '--arch', 'amd64', '--platform', 'linuxu');
    assert.deepEqual(others, { Bunnyfile: 2, lock: 2, store: 1 });
  });

  it('are no more for a lock with the marks of a merge, which has to be joined', async () => {
    const lock = join(app, 'bunny.lock');
    const text = await readFile(lock, 'utf8');
    await writeFile(lock, `<<<<<<< ours\n${text}=======\n${text}>>>>>>> theirs\n`);
    const { rules: _, ...others } = await counts('resolve');
    assert.deepEqual(others, { Bunnyfile: 2, lock: 2, store: 1 });
  });
});
