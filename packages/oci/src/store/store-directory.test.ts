import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packArchive } from '../archive/pack.js';
import { describe as descriptorOf } from '../content/content.js';
import { removeTree } from '../disk/remove-tree.js';
import { Store } from './store.js';
import { keptUnverified } from './store-directory.js';

describe('the directory of a store', () => {
  let scratch: string;
  let directory: string;
  const mode = () => statSync(directory).mode & 0o777;

  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-store-'));
    directory = path.join(scratch, 'cache/store');
  });
  afterEach(() => removeTree(scratch));

  const withUmask = async (umask: number, action: () => Promise<unknown>) => {
    const before = process.umask(umask);
    try {
      await action();
    } finally {
      process.umask(before);
    }
  };

  it('is made for this user alone, whatever the umask', async () => {
    for (const umask of [0, 0o002, 0o077]) {
      await withUmask(umask, () => Store.open(directory));
      assert.equal(mode(), 0o700);
      await removeTree(directory);
    }
  });

  it('is closed where others may enter it, and keeps what is in it', async () => {
    const store = await Store.open(directory);
    const { archive, layer } = await layerOf('a');
    const tree = await store.unpacked(layer, [archive]);
    chmodSync(directory, 0o755);
    await Store.open(directory);
    assert.equal(mode(), 0o700);
    assert.ok(existsSync(tree));
  });

  it('is closed where others could write to it, and loses what nobody would look at again', async () => {
    const { archive, layer } = await layerOf('a');
    for (const wide of [0o777, 0o770, 0o702]) {
      const store = await Store.open(directory);
      const tree = await store.unpacked(layer, [archive]);
      for (const name of keptUnverified) mkdirSync(path.join(directory, name), { recursive: true });
      chmodSync(directory, wide);
      const again = await Store.open(directory);
      assert.equal(mode(), 0o700);
      assert.deepEqual(readdirSync(directory).sort(), ['blobs', 'index.json', 'ingest', 'oci-layout']);
      // Nothing is asked for what is verified.
      assert.equal(await again.unpacked(layer, []), tree);
    }
  });

  it('is left as it is where there are other things in it', async () => {
    mkdirSync(directory, { recursive: true });
    for (const name of ['code', 'work']) mkdirSync(path.join(directory, name));
    chmodSync(directory, 0o775);
    const open = { code: 'BUNNY_EACCESS', where: directory };
    // A group of root’s alone is root.
    if (statSync(directory).gid === 0) chmodSync(directory, 0o777);
    await assert.rejects(Store.open(directory), open);
    chmodSync(directory, 0o755);
    await Store.open(directory);
    assert.equal(mode(), 0o755);
    assert.ok(['code', 'work'].every((name) => existsSync(path.join(directory, name))));
  });

  it('is not closed to others by the second command either where there are other things in it', async () => {
    mkdirSync(path.join(directory, 'etc'), { recursive: true });
    mkdirSync(path.join(directory, 'work'));
    chmodSync(directory, 0o755);
    await Store.open(directory);
    await Store.open(directory);
    assert.equal(mode(), 0o755);
    chmodSync(directory, 0o777);
    await assert.rejects(Store.open(directory), { code: 'BUNNY_EACCESS' });
    assert.ok(existsSync(path.join(directory, 'work')));
  });

  it('is refused where another could be put in its place, or it is somebody else’s', async function () {
    await Store.open(directory);
    const refused = {
      code: 'BUNNY_EACCESS',
      message: 'somebody else may write to the store',
      exitStatus: 74,
    };
    chmodSync(path.dirname(directory), 0o777);
    await assert.rejects(Store.open(directory), { ...refused, where: path.dirname(directory) });
    chmodSync(path.dirname(directory), 0o755);
    const link = path.join(scratch, 'link');
    symlinkSync(directory, link);
    await Store.open(link);
    if (process.getuid?.() !== 0) this.skip();
    lchownSync(link, 65_530, 65_530);
    await assert.rejects(Store.open(link), { ...refused, where: link });
    lchownSync(directory, 65_530, 65_530);
    await assert.rejects(Store.open(directory), { ...refused, where: directory });
  });
});

async function layerOf(content: string) {
  const { bytes } = await packArchive([{ path: 'a', content }]);
  const layer = descriptorOf('application/gzip', bytes);
  const archive = {
    name: 'here',
    async *fetch() {
      yield bytes;
    },
  };
  return { archive, layer };
}
