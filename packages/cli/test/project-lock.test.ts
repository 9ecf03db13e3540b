import assert from 'node:assert/strict';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock } from 'bunny-libos-spec';
import { bunnyDone, startBunny } from 'bunny-libos-testing/command/bunny.js';
import { edit } from 'bunny-libos-testing/files/documents.js';
import { copyOfApp, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { openProjectWork, projectLock } from 'bunny-libos-tooling';

describe('commands that write a lock', function () {
  this.timeout(60_000);
  let published: Warren;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    published = await warren();
  });

  beforeEach(async () => {
    app = await copyOfApp('hello');
  });

  const options = () => ({ cwd: app, store: published.store, env: { BUNNY_REGISTRY: published.registry } });
  const run = (...words: string[]) => bunnyDone(words, options());
  const locked = async () => JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as Lock;
  /** Does something while another command changes this project, as far as all others can tell. */
  const whileChanged = (action: () => Promise<void>) =>
    projectLock(openProjectWork({ directory: published.store }, app)).hold(action);

  for (const words of [['resolve'], ['update'], ['build', '--arch', 'amd64', '--platform', 'linuxu']]) {
    it(`bunny ${words[0]} waits for another to end, says so, and goes by what that left`, async () => {
      await run('resolve');
      await edit(join(app, 'Bunnyfile'), 'libc: ^1.0', 'libc: ">=1"');
      let waiting: ReturnType<typeof startBunny> | undefined;
      await whileChanged(async () => {
        waiting = startBunny(words, options());
        await new Promise<void>((resolve, reject) => {
          waiting?.child.stderr?.once('data', (text: string) => {
            if (text.includes('another bunny process is changing Bunnyfile or its lock')) resolve();
            else reject(new Error(text));
          });
          waiting?.finished.then(() => reject(new Error('did not wait')), reject);
        });
        await edit(join(app, 'Bunnyfile'), 'libc: ">=1"', 'libc: ">=1", time: ^2.0');
      });
      const { status, stderr } = (await waiting?.finished) ?? {};
      assert.equal(status, 0, stderr);
      const { targets } = await locked();
      assert.ok(targets.every(({ components }) => components.some(({ name }) => name === 'time')));
      assert.match((await run('resolve', '--frozen', '--offline')).stderr, /is up to date/);
    });
  }

  it('wait for nobody, and write nothing, where the lock need not change', async () => {
    await run('resolve');
    await whileChanged(async () => {
      await run('resolve');
      await run('tree');
      await run('update', '--dry-run');
      await run('build', '--frozen', '--arch', 'amd64', '--platform', 'linuxu');
    });
    const work = openProjectWork({ directory: published.store }, app);
    await rm(work, { recursive: true });
    await rm(join(app, 'build'), { recursive: true });
    await run('resolve', '--frozen');
    await run('resolve');
    await run('tree');
    await run('outdated');
    await assert.rejects(access(work));
    assert.deepEqual((await readdir(app)).sort(), ['Bunnyfile', 'bunny.lock', 'src']);
  });

  it('remove what was left by one that was killed while it wrote', async () => {
    const { child, finished } = startBunny(['--version']);
    await finished;
    const mine = `.bunny.lock.${process.pid}.0123456789ab`;
    const left = [`.bunny.lock.${child.pid}.0123456789ab`, `.Bunnyfile.${child.pid}.0123456789ab`];
    const others = [mine, '.bunny.lock.swp', '.Bunnyfile.9.swp'];
    for (const name of [...left, ...others]) await writeFile(join(app, name), 'half');
    await run('add', 'time');
    const names = (await readdir(app)).filter((name) => /^\.(?:Bunnyfile|bunny\.lock)\./.test(name));
    assert.deepEqual(names.sort(), others.toSorted());
  });
});
