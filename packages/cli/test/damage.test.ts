import assert from 'node:assert/strict';
import { readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LockedTarget } from 'bunny-libos-spec';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  copyOfWarren,
  filesBelow,
  freshStore,
  warren,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

const blob = (directory: string, digest: string) => join(directory, 'blobs', 'sha256', digest.slice(7));

/** Writes over a file that may be read-only, and linked to elsewhere. */
async function replace(file: string, content: Uint8Array): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, content);
}

describe('damage', function () {
  this.timeout(60_000);
  let app: string;
  let target: LockedTarget;
  /** A store that has the closure as blobs, and nothing of it unpacked. */
  let store: string;
  let image: Buffer;

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry } = await warren();
    store = await freshStore();
    app = await copyOfApp('hello');
    await bunnyDone(['build', '--from', registry, '--platform', 'linuxu', '--quiet'], { cwd: app, store });
    image = await readFile(join(app, 'build/hello-amd64-linuxu'));
    const lock = JSON.parse(await readFile(join(app, 'bunny.lock'), 'utf8')) as { targets: LockedTarget[] };
    const [first] = lock.targets.filter(({ platform }) => platform === 'linuxu');
    assert.ok(first !== undefined);
    target = first;
  });

  const libc = () => {
    const component = target.components.find(({ name }) => name === 'libc');
    assert.ok(component !== undefined);
    return blob(store, component.layer.digest);
  };
  const forget = async () => {
    await rm(join(store, 'unpacked/layer'), { recursive: true, force: true });
    await rm(join(store, 'work'), { recursive: true, force: true });
  };
  const build = async (...words: string[]) => {
    const { registry } = await warren();
    return await bunny(
      ['build', '--from', registry, '--platform', 'linuxu', '--quiet', '--frozen', ...words],
      {
        cwd: app,
        store,
      },
    );
  };

  const injuries: [what: string, injure: (file: string) => Promise<void>][] = [
    ['truncated', async (file) => replace(file, (await readFile(file)).subarray(0, 100))],
    ['emptied', (file) => replace(file, new Uint8Array())],
    [
      'changed in one bit',
      async (file) => {
        const bytes = await readFile(file);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await replace(file, bytes);
      },
    ],
  ];
  for (const [what, injure] of injuries) {
    it(`of a blob in the store, ${what}: it is found, fetched again, and the image is the same`, async () => {
      const sound = await readFile(libc());
      await forget();
      await injure(libc());
      const { status, stderr } = await build();
      assert.equal(status, 0, stderr);
      assert.deepEqual(await readFile(libc()), sound);
      assert.deepEqual(await readFile(join(app, 'build/hello-amd64-linuxu')), image);
    });

    it(`of a blob in the store, ${what}: it is never used where it cannot be fetched`, async () => {
      const sound = await readFile(libc());
      await forget();
      await injure(libc());
      const { status, stderr } = await build('--offline');
      await replace(libc(), sound);
      assert.equal(status, 3, stderr);
      assert.match(stderr, /^error\[BUNNY_E(DIGEST|SIZE|OFFLINE)\]: /m);
      assert.match(stderr, /^ {2}help: \S/m);
    });
  }

  it('of what the store remembers of registries counts as nothing remembered', async () => {
    const remembered = await filesBelow(join(store, 'metadata'));
    assert.ok(remembered.length > 0);
    for (const [index, file] of remembered.entries()) {
      const path = join(store, 'metadata', file);
      await replace(path, index % 2 === 0 ? Buffer.from('{') : (await readFile(path)).subarray(0, 200));
    }
    await rm(join(app, 'bunny.lock'));
    const { registry } = await warren();
    const { targets } = await bunnyJson<{ targets: LockedTarget[] }>(['resolve', '--from', registry], {
      cwd: app,
      store,
    });
    assert.deepEqual(
      targets.find(({ platform }) => platform === 'linuxu'),
      target,
    );
  });

  it('of a layer on the registry is refused, and nothing of it stays', async () => {
    const { registry, directory } = await copyOfWarren();
    const component = target.components.find(({ name }) => name === 'libc');
    assert.ok(component !== undefined);
    const layer = blob(directory, component.layer.digest);
    const bytes = await readFile(layer);
    bytes[20] = (bytes[20] ?? 0) ^ 0xff;
    await replace(layer, bytes);
    const fresh = await freshStore();
    const cwd = await copyOfApp('hello');
    const error = await bunnyError(['build', '--from', registry, '--platform', 'linuxu'], {
      cwd,
      store: fresh,
    });
    assert.deepEqual([error.status, error.code], [3, 'BUNNY_EDIGEST']);
    assert.ok(error.hint !== undefined && error.where !== undefined);
    await assert.rejects(stat(blob(fresh, component.layer.digest)));
  });

  it('of a manifest on the registry is refused', async () => {
    const { registry, directory } = await copyOfWarren();
    const component = target.components.find(({ name }) => name === 'libc');
    assert.ok(component !== undefined);
    const manifest = blob(directory, component.digest);
    const text = await readFile(manifest, 'utf8');
    await replace(manifest, Buffer.from(text.replace('"schemaVersion":2', '"schemaVersion":3')));
    const cwd = await copyOfApp('hello');
    const error = await bunnyError(['resolve', '--from', registry], { cwd, store: await freshStore() });
    assert.equal(error.status, 3);
    assert.ok(['BUNNY_EDIGEST', 'BUNNY_EMANIFEST', 'BUNNY_EMETADATA'].includes(error.code), error.code);
  });

  it('of a prebuilt image is repaired by the next build', async () => {
    await truncate(join(app, 'build/hello-amd64-linuxu'), 10);
    const { status, stderr } = await build();
    assert.equal(status, 0, stderr);
    assert.deepEqual(await readFile(join(app, 'build/hello-amd64-linuxu')), image);
  });

  it('that a read-only place would do is told as such', async () => {
    const cwd = await copyOfApp('hello');
    const { registry } = await warren();
    const readOnly = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';
    const { status, code, message, where } = await bunnyError(['resolve', '-f', cwd, '--from', registry], {
      store,
      through: ['unshare', '--mount', '--map-root-user', 'sh', '-c', readOnly, 'sh', cwd],
    });
    assert.deepEqual([status, code, message], [74, 'BUNNY_EACCESS', 'the file system is read-only']);
    assert.equal(where, join(cwd, 'bunny.lock'));
  });

  it('that a cut-off store does is none: an empty directory is a store', async () => {
    const { registry } = await warren();
    const cwd = await copyOfApp('hello');
    const empty = join(await temporaryDirectory('store'), 'not', 'yet', 'there');
    await bunnyDone(['resolve', '--from', registry, '--quiet'], { cwd, store: empty });
  });
});
