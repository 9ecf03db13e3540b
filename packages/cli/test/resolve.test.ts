import assert from 'node:assert/strict';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Store } from 'bunny-libos-oci';
import type { Lock, LockedTarget } from 'bunny-libos-spec';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  copyOfWarren,
  freshStore,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Resolved {
  lock: string;
  changed: boolean;
  targets: LockedTarget[];
}

/** A Bunnyfile for amd64/linuxu with these lines, in a directory of its own. */
async function bunnyfile(lines: readonly string[]): Promise<string> {
  const directory = join(await temporaryDirectory('app'), 'app');
  const head = ['version: v0.1', 'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }'];
  await writeFiles(directory, { Bunnyfile: [...head, ...lines, ''].join('\n') });
  return directory;
}

const readLock = async (directory: string) =>
  JSON.parse(await readFile(join(directory, 'bunny.lock'), 'utf8')) as Lock;

const chosen = ({ components }: { components: LockedTarget['components'] }) =>
  Object.fromEntries(components.map(({ name, version }) => [name, version]));

describe('bunny resolve', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  const resolve = async (cwd: string, ...words: string[]) => {
    const { registry, store } = await warren();
    return await bunnyJson<Resolved>(['resolve', '--from', registry, ...words], { cwd, store });
  };

  /** What is chosen for amd64/linuxu. */
  const closure = async (lines: readonly string[], ...words: string[]) => {
    const { targets } = await resolve(await bunnyfile(lines), ...words);
    const [target] = targets;
    assert.ok(target !== undefined && targets.length === 1);
    return target;
  };

  describe('bunny.lock', () => {
    it('pins every target of the Bunnyfile: tooling, and each component by layer hash and digest', async () => {
      const { directory } = await warren();
      const app = await copyOfApp('hello');
      const { changed, targets, lock: name } = await resolve(app);
      assert.equal(changed, true);
      assert.equal(name, 'bunny.lock');
      const lock = await readLock(app);
      assert.deepEqual(lock.targets, targets);
      assert.deepEqual(
        targets.map(({ arch, platform }) => `${arch}/${platform}`),
        ['amd64/linuxu', 'amd64/qemu', 'arm64/qemu'],
      );
      const tags = await layoutTags(directory);
      for (const { platform, tooling, components } of targets) {
        assert.equal(tooling.digest, tags.get('warren/tooling:1.0.0'));
        const names = components.map(({ name: each }) => each);
        assert.deepEqual(names, ['args', 'console', 'libc', 'main', `plat-${platform}`]);
        for (const { name: each, version, layerHash, digest, dependencies } of components) {
          assert.equal(digest, tags.get(`warren/${each}:${version}_${layerHash.slice(7, 23)}`));
          assert.ok(dependencies.every((dependency) => names.includes(dependency)));
        }
      }
    });

    it('is the same, byte for byte, from another directory with another store', async () => {
      const { registry } = await warren();
      const [here, there] = [await copyOfApp('threads'), await copyOfApp('threads')];
      await resolve(here);
      await bunnyDone(['resolve', '-f', there, '--from', registry, '--quiet'], {
        store: await freshStore(),
        env: { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8' },
      });
      assert.deepEqual(
        await readFile(join(there, 'bunny.lock'), 'utf8'),
        await readFile(join(here, 'bunny.lock'), 'utf8'),
      );
    });

    it('names layouts relative to the Bunnyfile, so that both can move together', async () => {
      const { directory, store } = await copyOfWarren();
      const app = join(directory, '..', 'app');
      await writeFiles(app, {
        Bunnyfile: await readFile(join(await copyOfApp('hello'), 'Bunnyfile'), 'utf8'),
      });
      await bunnyDone(['resolve', '-f', 'app', '--from', 'oci:registry'], {
        cwd: join(directory, '..'),
        store,
      });
      const { targets } = await readLock(app);
      assert.deepEqual(
        [...new Set(targets.flatMap(({ components }) => components.map(({ from }) => from)))],
        ['oci:../registry'],
      );
    });

    it('stays as it is while it answers the Bunnyfile', async () => {
      const app = await copyOfApp('hello');
      await resolve(app);
      const before = await readFile(join(app, 'bunny.lock'), 'utf8');
      const { changed } = await resolve(app);
      assert.equal(changed, false);
      assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), before);
      const { stderr } = await bunnyDone(['resolve'], { cwd: app, store: (await warren()).store });
      assert.match(stderr, /Checked 15 components for 3 targets in \S+ s, bunny\.lock is up to date/);
    });

    it('grows by the targets that are asked for', async () => {
      const app = await copyOfApp('hello');
      await resolve(app, '--arch', 'arm64');
      assert.deepEqual(
        (await readLock(app)).targets.map(({ arch }) => arch),
        ['arm64'],
      );
      await resolve(app, '--platform', 'linuxu');
      assert.deepEqual(
        (await readLock(app)).targets.map(({ arch }) => arch),
        ['amd64', 'arm64'],
      );
    });

    it('changes as little as one new dependency asks, though newer versions were published', async () => {
      const { registry, store } = await copyOfWarren();
      const app = await copyOfApp('hello');
      const words = ['resolve', '--from', registry, '--quiet'];
      await bunnyDone(words, { cwd: app, store });
      const before = await readLock(app);

      const args = await temporaryDirectory('component');
      for (const file of ['component.yaml', 'src/args.c', 'include/warren/args.h']) {
        await writeFiles(args, {
          [file]: await readFile(join(warrenSources, 'components/args', file), 'utf8'),
        });
      }
      await edit(join(args, 'component.yaml'), 'version: 1.1.1', 'version: 1.2.0');
      await bunnyDone(['publish', args, '--to', registry, '--quiet'], { store });
      await edit(join(app, 'Bunnyfile'), '{ libc: ^1.0 }', '{ libc: ^1.0, time: ^2.0 }');
      await bunnyDone(words, { cwd: app, store });

      const after = await readLock(app);
      for (const [index, target] of after.targets.entries()) {
        assert.deepEqual(
          target.components.filter(({ name }) => name !== 'time'),
          before.targets[index]?.components,
        );
        assert.equal(target.components.length, (before.targets[index]?.components.length ?? 0) + 1);
      }
      await rm(join(app, 'bunny.lock'));
      await bunnyDone(words, { cwd: app, store });
      assert.equal(
        chosen((await readLock(app)).targets[0] as LockedTarget).args,
        '1.2.0',
        'anew, the newest',
      );
    });
  });

  describe('--frozen', () => {
    it('passes where nothing would change, and refuses where the lock is missing or stale', async () => {
      const { registry, store } = await warren();
      const app = await copyOfApp('hello');
      const frozen = () => bunnyError(['resolve', '--frozen', '--from', registry], { cwd: app, store });
      const missing = await frozen();
      assert.deepEqual(
        [missing.status, missing.code, missing.message],
        [1, 'BUNNY_EFROZEN', 'there is no bunny.lock'],
      );
      assert.equal(missing.where, 'Bunnyfile');
      assert.equal(missing.hint, 'run `bunny resolve` and commit bunny.lock');

      await resolve(app);
      assert.equal((await resolve(app, '--frozen')).changed, false);

      const before = await readFile(join(app, 'bunny.lock'), 'utf8');
      await edit(join(app, 'Bunnyfile'), '{ libc: ^1.0 }', '{ libc: ^1.0, time: ^2.0 }');
      const stale = await frozen();
      assert.deepEqual([stale.status, stale.code], [1, 'BUNNY_EFROZEN']);
      assert.match(
        stale.message,
        /^bunny\.lock was made for another Bunnyfile or an earlier state of this one/,
      );
      assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), before);
    });

    it('tells a target that the lock lacks', async () => {
      const app = await copyOfApp('hello');
      const { registry, store } = await warren();
      await resolve(app, '--arch', 'arm64');
      const error = await bunnyError(['resolve', '--frozen', '--from', registry], { cwd: app, store });
      assert.equal(
        error.message,
        'bunny.lock lacks amd64/qemu, amd64/linuxu, and --frozen forbids changing it',
      );
    });

    it('does not mind comments, or what only the build reads', async () => {
      const app = await copyOfApp('hello');
      await resolve(app);
      await edit(
        join(app, 'Bunnyfile'),
        "app: { sources: ['src/*.c'] }",
        "# the app\napp: { sources: ['src/main.c'] }",
      );
      assert.equal((await resolve(app, '--frozen')).changed, false);
    });
  });

  describe('without the network', () => {
    let docker: DockerRegistry;
    let app: string;
    let store: string;

    before(async () => {
      docker = await startDockerRegistry();
      const { store: warm } = await warren();
      const from = `${docker.host}/libos`;
      await bunnyDone(['publish', warrenSources, '--allow-commands', '--to', from], { store: warm });
      app = await copyOfApp('hello');
      store = await freshStore();
      await bunnyDone(['resolve', '--from', from], { cwd: app, store });
      await docker.stop();
    });

    const offline = (...words: string[]) => ['resolve', '--from', `${docker.host}/libos`, ...words];

    it('knows a lock that is up to date', async () => {
      const { changed } = await bunnyJson<Resolved>(offline(), { cwd: app, store });
      assert.equal(changed, false);
    });

    it('knows a stale one', async () => {
      const copy = await copyOfApp('hello');
      await copyFile(join(app, 'bunny.lock'), join(copy, 'bunny.lock'));
      await edit(join(copy, 'Bunnyfile'), 'libc: ^1.0', 'libc: ~1.0.0');
      const error = await bunnyError(offline('--frozen'), { cwd: copy, store });
      assert.equal(error.code, 'BUNNY_EFROZEN');
    });

    it('resolves anew with --offline from what was seen before', async () => {
      const copy = await copyOfApp('hello');
      await copyFile(join(app, 'bunny.lock'), join(copy, 'bunny.lock'));
      await edit(join(copy, 'Bunnyfile'), 'libc: ^1.0', 'libc: ~1.0.0');
      const { changed, targets } = await bunnyJson<Resolved>(offline('--offline'), { cwd: copy, store });
      assert.equal(changed, true);
      assert.deepEqual(targets, (await readLock(app)).targets);
    });

    it('says of a registry that does not answer where it should be', async () => {
      const copy = await copyOfApp('hello');
      const error = await bunnyError(offline(), { cwd: copy, store });
      assert.equal(error.status, 3);
      assert.equal(error.code, 'BUNNY_ENETWORK');
      assert.match(error.message, new RegExp(`cannot talk to ${docker.host}: nothing listens there`));
      assert.ok(
        String(error.where).startsWith(`http://${docker.host}/v2/libos/warren/`),
        String(error.where),
      );
      assert.match(error.hint ?? '', /check the network and that the server is up/);
    });
  });

  describe('chooses', () => {
    it('the newest versions in range, and older ones where the range asks for them', async () => {
      const { components } = await closure(['dependencies: { libc: ^1.0, args: ^1.0, alloc-bump: ^1.0 }']);
      assert.deepEqual(chosen({ components }), {
        'alloc-bump': '1.0.1',
        args: '1.1.1',
        console: '1.0.0',
        libc: '1.0.0',
        main: '1.0.0',
        'plat-linuxu': '1.0.0',
      });
      const older = chosen(await closure(['dependencies: { args: ~1.0, alloc-bump: 1.0.0 }']));
      assert.deepEqual([older.args, older['alloc-bump']], ['1.0.0', '1.0.0']);
      const all = chosen(await closure(['dependencies: { args: ^1.0 }'], '--strategy', 'lowest'));
      assert.equal(all.args, '1.0.0');
    });

    it('what goes together: an old scheduler brings the old clock', async () => {
      const old = chosen(await closure(['dependencies: { sched-coop: ~1.0.0 }']));
      assert.deepEqual([old['sched-coop'], old.time], ['1.0.0', '1.0.0']);
      const current = chosen(await closure(['dependencies: { sched: ^1.1 }']));
      assert.deepEqual([current['sched-coop'], current.time], ['1.1.0', '2.0.0']);
    });

    it('the variant with the options that are asked for', async () => {
      const target = await closure(['dependencies: { main: ^1.0 }', 'options: { main: { log: 2 } }']);
      assert.deepEqual(target.components.find(({ name }) => name === 'main')?.options, { log: 2 });
    });

    it('no dependency whose `when` does not hold: a scheduler without sleep needs no clock', async () => {
      const lines = ['dependencies: { sched: ^1.0 }', 'options: { sched-coop: { sleep: false } }'];
      assert.equal(chosen(await closure(lines)).time, undefined);
    });

    it('the tooling layer’s default provider of a capability, or the one that the user names', async () => {
      const usual = chosen(await closure(['dependencies: { alloc: ^1.0 }']));
      assert.ok(usual['alloc-buddy'] !== undefined && usual['alloc-bump'] === undefined);
      const other = chosen(
        await closure(['dependencies: { alloc: ^1.0 }', 'providers: { alloc: alloc-bump }']),
      );
      assert.ok(other['alloc-bump'] !== undefined && other['alloc-buddy'] === undefined);
      const needed = chosen(await closure(['dependencies: { leakcheck: ^1.0 }']));
      assert.ok(needed['alloc-buddy'] !== undefined);
    });
  });

  describe('looks for layers', () => {
    it('where `registries` of the Bunnyfile says, before BUNNY_REGISTRY, and --from before both', async () => {
      const { registry, store } = await warren();
      const empty = await temporaryDirectory('empty');
      await Store.open(empty);
      const none = `oci:${empty}`;
      const missing = `oci:${await temporaryDirectory('missing')}`;
      const status = async (lines: string[], env: Record<string, string>, ...words: string[]) => {
        const cwd = await bunnyfile(['dependencies: { libc: ^1.0 }', ...lines]);
        const result = await bunny(['resolve', '--quiet', ...words], { cwd, store, env });
        if (result.status !== 0) return result.status;
        return (await readLock(cwd)).targets[0]?.components[0]?.from;
      };
      assert.equal(await status([], { BUNNY_REGISTRY: registry }), registry);
      assert.equal(await status([`registries: ['${registry}']`], { BUNNY_REGISTRY: none }), registry);
      assert.equal(await status([`registries: ['${none}']`], { BUNNY_REGISTRY: registry }), 1);
      assert.equal(await status([`registries: ['${none}']`], {}, '--from', registry), registry);
      assert.equal(await status([], { BUNNY_REGISTRY: `${none} ${registry}` }), registry);
      assert.equal(await status([], {}, '--from', none, '--from', registry), registry);
      assert.equal(await status([], {}, '--from', missing, '--from', registry), 1);
    });

    it('and says how to name one where none is', async () => {
      const cwd = await bunnyfile(['dependencies: { libc: ^1.0 }']);
      const { store } = await warren();
      const error = await bunnyError(['resolve'], { cwd, store });
      assert.deepEqual([error.status, error.code], [1, 'BUNNY_ENOTFOUND']);
      assert.equal(error.message, 'no registry has the framework warren');
      assert.equal(
        error.hint,
        'say where it is: --from REF, `registries` in the Bunnyfile, or BUNNY_REGISTRY',
      );
    });
  });
});
