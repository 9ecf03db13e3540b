import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { filesBelow, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('bunny init', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  it('writes a hello that runs as it is', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('init');
    const words = ['init', 'first', '--framework', 'warren', '--from', registry];
    const { stderr } = await bunnyDone(words, { cwd, store });
    assert.match(stderr, /Created first for warren in first$/m);
    assert.match(stderr, /next: cd first && bunny run/);
    assert.deepEqual(await filesBelow(join(cwd, 'first')), ['.gitignore', 'Bunnyfile', 'src/main.c']);
    assert.equal(await readFile(join(cwd, 'first/.gitignore'), 'utf8'), 'build/\n');
    assert.match(await readFile(join(cwd, 'first/Bunnyfile'), 'utf8'), /^name: first$/m);
    const app = join(cwd, 'first');
    const { status, stdout } = await bunny(['run', '--platform', 'linuxu', '--', 'again'], {
      cwd: app,
      store,
    });
    assert.deepEqual([status, stdout], [0, 'Hello from first!\n  again\n']);
  });

  it('finds the framework by BUNNY_REGISTRY, and names the app after the directory', async () => {
    const { registry, store } = await warren();
    const cwd = join(await temporaryDirectory('init'), 'My App');
    await writeFiles(join(cwd, '..'), { 'My App/.gitignore': '*.o\n' });
    const found = await bunnyJson<{ name: string; files: string[] }>(['init', '--framework', 'warren'], {
      cwd,
      store,
      env: { BUNNY_REGISTRY: registry },
    });
    assert.equal(found.name, 'my-app');
    assert.deepEqual(found.files.sort(), ['Bunnyfile', 'src/main.c']);
    assert.equal(await readFile(join(cwd, '.gitignore'), 'utf8'), '*.o\n');
  });

  it('overwrites nothing', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('init');
    await writeFiles(cwd, { 'app/src/main.c': 'mine' });
    const error = await bunnyError(['init', 'app', '--framework', 'warren', '--from', registry], {
      cwd,
      store,
    });
    assert.deepEqual(
      [error.status, error.code, error.message],
      [2, 'BUNNY_EEXISTS', 'src/main.c is there already'],
    );
    assert.equal(error.where, join(cwd, 'app'));
    assert.deepEqual(await filesBelow(join(cwd, 'app')), ['src/main.c']);
  });

  it('refuses a file in the place of the directory', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('init');
    await writeFiles(cwd, { app: '' });
    const error = await bunnyError(['init', 'app', '--framework', 'warren', '--from', registry], {
      cwd,
      store,
    });
    assert.deepEqual(
      [error.status, error.code, error.message],
      [2, 'BUNNY_EEXISTS', 'app is there already, and is not a directory'],
    );
  });

  it('says what comes next as a shell reads it', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('init');
    for (const [place, next] of [
      ['it’s $(id)', "cd 'it’s $(id)' && bunny run"],
      ['./-v', 'cd ./-v && bunny run'],
    ] as const) {
      const words = ['init', place, '--name', 'app', '--framework', 'warren', '--from', registry];
      const { stderr } = await bunnyDone(words, { cwd, store });
      assert.ok(stderr.endsWith(`next: ${next}\n`), stderr);
    }
  });

  it('says so where no directory can be made', async () => {
    const { registry, store } = await warren();
    const words = ['init', '/proc/none/app', '--framework', 'warren', '--from', registry];
    const error = await bunnyError(words, { store });
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_ENOFILE']);
  });

  it('refuses a framework that is not there, and a name that cannot be one', async () => {
    const { registry, store } = await warren();
    const cwd = await temporaryDirectory('init');
    const unknown = await bunnyError(['init', 'app', '--framework', 'burrow', '--from', registry], {
      cwd,
      store,
    });
    assert.deepEqual([unknown.status, unknown.code], [1, 'BUNNY_ENOTFOUND']);
    assert.equal(unknown.message, 'no registry has the framework burrow');
    assert.equal(unknown.where, registry);
    assert.match(unknown.hint ?? '', /check its name/);
    const nowhere = await bunnyError(['init', 'app', '--framework', 'warren'], { cwd, store });
    assert.equal(nowhere.hint, 'say where it is: --from REF, or BUNNY_REGISTRY');
    const name = await bunnyError(['init', 'app', '--framework', 'warren', '--name', 'A b'], { cwd, store });
    assert.deepEqual([name.status, name.code], [2, 'BUNNY_ENAME']);
    const framework = await bunnyError(['init', 'app', '--framework', 'Bad Name', '--from', registry], {
      cwd,
      store,
    });
    assert.deepEqual(
      [framework.status, framework.message],
      [2, '"Bad Name" cannot be the name of a framework'],
    );
    assert.deepEqual(await filesBelow(cwd), []);
  });
});
