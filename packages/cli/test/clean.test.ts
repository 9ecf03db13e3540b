import assert from 'node:assert/strict';
import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

interface Cleaned {
  files: string[];
  work: string[];
  freed: number;
}

describe('bunny clean', function () {
  this.timeout(60_000);
  let cwd: string;
  let store: string;
  let build: string[];

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store: shared } = await warren();
    store = shared;
    cwd = await copyOfApp('hello');
    build = ['build', '--from', registry, '--platform', 'linuxu'];
  });

  it('removes images and work, and nothing else, so that the next build makes all again', async () => {
    await bunnyDone(build, { cwd, store });
    await writeFile(join(cwd, 'build', 'hello-notes.txt'), 'mine');
    await symlink('../src/main.c', join(cwd, 'build', 'hello-amd64-linuxu.initrd'));
    const planned = await bunnyJson<Cleaned>(['clean', '--dry-run'], { cwd, store });
    assert.ok(planned.files.includes('build/hello-amd64-linuxu'));
    assert.equal(planned.work.length, 1);
    assert.ok((await readdir(join(cwd, 'build'))).includes('hello-amd64-linuxu'));

    const cleaned = await bunnyJson<Cleaned>(['clean'], { cwd, store });
    assert.deepEqual(cleaned.files, planned.files);
    assert.ok(cleaned.freed > 0);
    assert.deepEqual((await readdir(join(cwd, 'build'))).sort(), [
      'hello-amd64-linuxu.initrd',
      'hello-notes.txt',
    ]);
    const again = await bunnyDone(['clean'], { cwd, store });
    assert.match(again.stderr, /Removed 0 files and 0 work directories: 0 B/);
  });

  it('leaves an app that builds from nothing', async () => {
    const app = await copyOfApp('hello');
    const first = await bunnyJson<{ ran: number }>(build, { cwd: app, store });
    await bunnyDone(['clean'], { cwd: app, store });
    const second = await bunnyJson<{ ran: number }>(build, { cwd: app, store });
    assert.equal(second.ran, first.ran);
  });
});
