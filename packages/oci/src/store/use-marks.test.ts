import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packArchive } from '../archive/pack.js';
import { describe as descriptorOf } from '../content/content.js';
import type { Descriptor } from '../content/descriptor.js';
import { MemoryTarget } from '../content/memory-target.js';
import { removeTree } from '../disk/remove-tree.js';
import { Store } from './store.js';
import { UnpackedTrees } from './unpacked-trees.js';

describe('what another process is using', () => {
  let directory: string;
  let source: MemoryTarget;
  let layer: Descriptor;

  before(async () => {
    const { bytes } = await packArchive([{ path: 'a.o', content: 'object' }]);
    layer = descriptorOf('application/gzip', bytes);
    source = new MemoryTarget();
    await source.push(layer, bytes);
  });
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-uses-'));
  });
  afterEach(() => removeTree(directory));

  it('is not pruned, and what nobody uses is', async () => {
    const [user, pruner] = [await Store.open(directory), await Store.open(directory)];
    const tree = await user.unpacked(layer, [source]);
    const other = await pruner.put('a/b', Buffer.from('other'));
    for (const dryRun of [true, false]) {
      const pruned = await pruner.prune({ dryRun });
      assert.deepEqual(pruned.inUse.sort(), [layer.digest, `layer/${layer.digest.slice(7)}`].sort());
      assert.deepEqual([pruned.removed, pruned.trees], [[other.digest], []]);
    }
    assert.ok(existsSync(path.join(tree, 'a.o')));
    // Its own use is over where it prunes.
    assert.deepEqual((await user.prune()).removed, [layer.digest]);
    assert.equal(existsSync(tree), false);
  });

  it('stays where it begins to be used while other things are removed', async () => {
    const [user, pruner] = [await Store.open(directory), await Store.open(directory)];
    const tree = await pruner.unpacked(layer, [source]);
    let used: Promise<string> | undefined;
    const beside = {
      name: 'work/1',
      size: 0,
      used: new Date(0),
      // It goes before the tree, which was judged to be nobody's when the pruning began.
      remove: async () => {
        used = user.unpacked(layer, []);
        await used;
        return true;
      },
    };
    await pruner.prune({ beside: [beside] });
    assert.equal(await used, tree);
    assert.ok(existsSync(path.join(tree, 'a.o')));
    assert.deepEqual(readdirSync(path.dirname(tree)), [path.basename(tree)]);
  });

  it('comes back where it began to be used a moment before it went', async () => {
    const tree = await (await Store.open(directory)).unpacked(layer, [source]);
    const trees = new UnpackedTrees(path.join(directory, 'unpacked'));
    const [known] = await trees.list();
    assert.ok(known !== undefined);
    const isWanted = async () => {
      assert.equal(existsSync(tree), false);
      return true;
    };
    assert.equal(await trees.remove(known, isWanted), false);
    assert.ok(existsSync(path.join(tree, 'a.o')));
    assert.equal(await trees.remove(known), true);
    assert.deepEqual(readdirSync(path.dirname(tree)), []);
  });

  it("is nobody's any more once that process has ended, by itself or not", async () => {
    const library = new URL('../index.js', import.meta.url).href;
    const store = await Store.open(directory);
    for (const signal of ['SIGTERM', 'SIGKILL', undefined] as const) {
      await store.unpacked(layer, [source]);
      const program =
        `const { Store } = await import(${JSON.stringify(library)});` +
        `await (await Store.open(${JSON.stringify(directory)})).unpacked(${JSON.stringify(layer)}, []);` +
        `console.log('used'); ${signal === undefined ? '' : 'setInterval(() => {}, 1000);'}`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      if (signal !== undefined) {
        assert.equal((await store.prune()).inUse.length, 2);
        child.kill(signal);
      }
      await ended;
      assert.deepEqual((await store.prune()).removed, [layer.digest], signal);
      assert.equal(readdirSync(path.join(directory, 'uses')).length, 1, 'its own');
    }
  });
});
