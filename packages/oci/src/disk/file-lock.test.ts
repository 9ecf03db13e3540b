import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { FileLock } from './file-lock.js';

describe('file locks', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-lock-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('let one in at a time', async () => {
    const locks = Array.from({ length: 5 }, () => new FileLock(directory, 'x'));
    let inside = 0;
    let total = 0;
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (locks[i % 5] as FileLock).hold(async () => {
          assert.equal(++inside, 1);
          await turn();
          inside--;
          total++;
        }),
      ),
    );
    assert.equal(total, 50);
    assert.equal(readdirSync(directory).length, 1, 'only the last generation stays');
  });

  it('of a process that was killed are taken over at once', async () => {
    const module = new URL('./file-lock.js', import.meta.url).href;
    const script = `import { FileLock } from ${JSON.stringify(module)};
      await new FileLock(${JSON.stringify(directory)}, 'x').hold(() => process.kill(process.pid, 'SIGKILL'));`;
    assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal, 'SIGKILL');
    assert.equal(await new FileLock(directory, 'x').hold(async () => 7, { timeout: 1000 }), 7);
  });

  it('sweep up what killed processes left while they waited', async () => {
    const [old, fresh] = [path.join(directory, 'ticket.1.old'), path.join(directory, 'ticket.2.fresh')];
    for (const file of [old, fresh]) writeFileSync(file, '');
    utimesSync(old, 1, 1);
    await new FileLock(directory, 'x').hold(async () => undefined);
    assert.deepEqual(readdirSync(directory), ['ticket.2.fresh', 'x.1']);
  });

  it('of a process that lives are waited for, up to a limit', async () => {
    const lock = new FileLock(directory, 'x');
    await lock.hold(async () => {
      await assert.rejects(
        new FileLock(directory, 'x').hold(async () => 1, { timeout: 30 }),
        { code: 'BUNNY_ETIMEOUT' },
      );
      await assert.rejects(
        new FileLock(directory, 'x').hold(async () => 1, { signal: AbortSignal.abort() }),
        { code: 'BUNNY_EABORTED' },
      );
    });
    assert.equal(await new FileLock(directory, 'x').hold(async () => 2, { timeout: 1000 }), 2);
  });

  it('of holders that cannot be seen are given up on only when they are old', async () => {
    const file = path.join(directory, 'x.5');
    writeFileSync(file, 'another machine\n1\n1\n');
    await assert.rejects(
      new FileLock(directory, 'x').hold(async () => 1, { timeout: 30 }),
      { code: 'BUNNY_ETIMEOUT' },
    );
    utimesSync(file, 1, 1);
    assert.equal(await new FileLock(directory, 'x').hold(async () => 3, { timeout: 1000 }), 3);
  });

  it('leave nothing where that is asked for, and still let one process in at a time', async () => {
    const [place, count] = [path.join(directory, 'lock'), path.join(directory, 'count')];
    writeFileSync(count, '0');
    const module = new URL('./file-lock.js', import.meta.url).href;
    const script = `import { readFileSync, writeFileSync } from 'node:fs';
      import { setImmediate as turn } from 'node:timers/promises';
      import { FileLock } from ${JSON.stringify(module)};
      const [place, count] = ${JSON.stringify([place, count])};
      const add = async () => {
        const before = Number(readFileSync(count, 'utf8'));
        for (let i = 0; i < 3; i++) await turn();
        writeFileSync(count, String(before + 1));
      };
      const locks = [new FileLock(place, 'x'), new FileLock(place, 'x')];
      for (let i = 0; i < 10; i++) await Promise.all(locks.map((each) => each.hold(add, { leaveNothing: true })));`;
    const ends = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
        return (await once(child, 'exit'))[0];
      }),
    );
    assert.deepEqual(ends, [0, 0, 0]);
    assert.equal(readFileSync(count, 'utf8'), '60');
    assert.deepEqual(readdirSync(directory), ['count']);
  });

  it('are taken by those who wait where somebody removed the directory', async () => {
    const place = path.join(directory, 'lock');
    const first = new FileLock(place, 'x').hold(async () => {
      const second = new FileLock(place, 'x').hold(async () => 5, { timeout: 2000 });
      while (readdirSync(place).length < 2) await turn();
      // At once: one that waits could put a file where the others are being removed.
      renameSync(place, `${place}-removed`);
      return second;
    });
    assert.equal(await first, 5);
  });

  it('are released by an action that fails', async () => {
    const lock = new FileLock(directory, 'x');
    await assert.rejects(
      lock.hold(() => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await lock.hold(async () => 4, { timeout: 1000 }), 4);
  });
});
