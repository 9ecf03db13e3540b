import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptUnverified } from 'bunny-libos-oci';
import { attack } from './attack.js';

describe('a store that others could write to', () => {
  const target = ['--arch', 'amd64', '--platform', 'linuxu'];

  attack('is neither run from nor built from', async ({ home, app, own, ownStore, registry, ...place }) => {
    await app('hello');
    const store = await ownStore();
    const words = ['build', ...target, '--from', registry];
    await place.bunnyDone(words, { store });

    // Others wrote into a layer, and left code, while it was open to them.
    const layers = join(store, 'unpacked/layer');
    for (const name of await readdir(layers)) {
      await chmod(join(layers, name), 0o755);
      await writeFile(join(layers, name, 'planted'), '');
    }
    await mkdir(join(store, 'code/planted'), { recursive: true });
    await own(home);
    // All that there is is either verified or goes.
    const verified = ['blobs', 'index.json', 'ingest', 'oci-layout'];
    const others = (await readdir(store)).filter((name) => ![...verified, ...keptUnverified].includes(name));
    assert.deepEqual(others, []);
    await chmod(store, 0o777);
    await place.bunnyDone(words, { store });
    assert.equal((await stat(store)).mode & 0o777, 0o700);
    assert.ok(!(await readdir(join(store, 'code')).catch((): string[] => [])).includes('planted'));
    for (const name of await readdir(layers))
      assert.ok(!(await readdir(join(layers, name))).includes('planted'));

    // Others can put another in its place.
    const open = join(home, 'open');
    await mkdir(open);
    await rename(store, join(open, 'store'));
    await symlink(join(open, 'store'), join(home, 'link'));
    await own(home);
    await chmod(open, 0o777);
    for (const each of [join(open, 'store'), join(home, 'link'), join(open, 'none/yet')]) {
      for (const command of [
        words,
        ['fetch'],
        ['run', ...target],
        ['resolve', '--from', registry],
        ['cache', 'prune', '--all'],
      ]) {
        const { code, status, where, hint } = await place.bunnyError(command, { store: each });
        assert.deepEqual([code, status, where], ['BUNNY_EACCESS', 74, open], `${each}: ${command[0]}`);
        assert.match(hint ?? '', /BUNNY_CACHE/);
      }
    }
    await chmod(open, 0o1777);
    await place.bunnyDone(words, { store: join(open, 'store') });
  });

  attack('is not made by the umask', async ({ home, bunnyDone, registry }) => {
    const store = join(home, 'cache/store');
    const through = ['sh', '-c', 'umask 0; exec "$@"', 'sh'];
    await bunnyDone(['inspect', `${registry}:warren/libc`, '--json'], { store, through });
    await bunnyDone(['init', 'made', '--framework', 'warren', '--from', registry], { store, through });
    for (const each of [store, join(home, 'cache')])
      assert.equal((await stat(each)).mode & 0o777, 0o700, each);
  });
});
