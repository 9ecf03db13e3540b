import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attack } from './attack.js';
import { hostileCompiler } from './hostile-compiler.js';

/** As whom a sandbox runs, in it, and as root on the host too. */
const reserved = 65_521;
const secret = 'a-token-of-the-caller';

/** All files below a directory, with their status. */
async function* filesOf(directory: string) {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    yield { path, status: await lstat(path) };
  }
}

describe('what runs in the sandbox', () => {
  attack('finds nothing of the caller, and no way to more rights', async (place) => {
    await hostileCompiler(place, 'look');
    const store = await place.ownStore();
    const { stdout, stderr } = await place.bunny(['build', '--from', place.registry], {
      store,
      env: { SECRET: secret },
      // Descriptors that whoever started Bunny left open: with a gap, beyond which Node does not look.
      through: ['bash', '-c', 'exec 9<"$0" 20<"$0" 300<"$0"; exec "$@"', join(place.project, 'Bunnyfile')],
    });
    const said = stdout + stderr;
    assert.match(said, new RegExp(`^ *IDS ${reserved} ${reserved} ${reserved} ${reserved} 0$`, 'm'));
    assert.doesNotMatch(said, /OPEN|WRITABLE|CHANGED|KEYS|LEFT|MADE/);
    for (const [line] of said.matchAll(/^ *Cap\w+:.*$/gm)) {
      // As root, process 1 has what the sandbox may not even look at.
      assert.ok(place.account.isRoot || /Cap\w+:\s+0+$/.test(line), line);
    }
    assert.ok(!said.includes(secret), said);
    const ownLines = said.split('\n').filter((line) => line.includes('/proc/1/'));
    assert.ok(!ownLines.some((line) => line.includes(place.home)), ownLines.join('\n'));
    // It left a file with all bits set: as its own user, where nobody else gets to.
    const left = [];
    for await (const { path, status } of filesOf(store)) if (path.endsWith('/left')) left.push(status);
    assert.deepEqual(
      left.map(({ uid, gid }) => [uid, gid]),
      [place.account.isRoot ? [reserved, reserved] : [place.account.uid, place.account.gid]],
    );
    for await (const { path, status } of filesOf(place.project)) assert.equal(status.mode & 0o6000, 0, path);
  });

  attack('reads the project of a user who lets nobody else read it', async (place) => {
    await place.app('files');
    execFileSync('chmod', ['-R', 'go-rwx', place.project]);
    const store = await place.ownStore();
    await rm(join(store, 'unpacked', 'layer'), { recursive: true, force: true });
    const through = ['sh', '-c', 'umask 077; exec "$0" "$@"'];
    const build = () =>
      place.bunnyJson<{ ran: number; image: string }>(
        ['build', '--from', place.registry, '--platform', 'linuxu'],
        {
          store,
          through,
        },
      );
    const { ran, image } = await build();
    assert.ok(ran > 0);
    assert.equal((await lstat(join(place.project, image))).uid, place.account.uid);
    assert.equal((await build()).ran, 0);
    await place.bunnyDone(['run', '--platform', 'linuxu'], { store, through });
  });

  for (const [what, limit, name] of [
    ['memory', 'memory=100MB', 'memory'],
    ['processes', 'processes=60', 'processes'],
    ['disk', 'disk=20MB', 'disk'],
    ['files', 'disk=20MB', 'disk'],
    ['hidden', 'disk=20MB', 'disk'],
    ['tmp', 'tmp=20MB', 'tmp'],
    ['shm', 'tmp=20MB', 'tmp'],
    ['file-size', 'file-size=20MB', 'file-size'],
    ['time', 'time=1s', 'time'],
  ] as const) {
    attack(`is ended when it goes over the limit ${name} (${what})`, async (place) => {
      await hostileCompiler(place, what);
      const start = performance.now();
      const error = await place.bunnyError(['build', '--from', place.registry, '--limit', limit]);
      assert.deepEqual([error.code, error.status], ['BUNNY_ERESOURCE', 5], JSON.stringify(error));
      assert.match(error.message, new RegExp(`the limit ${name} is `));
      assert.ok(performance.now() - start < 20_000, 'before it would have ended by itself');
    });
  }
});
