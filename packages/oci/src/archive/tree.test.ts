import assert from 'node:assert/strict';
import { Tree } from './tree.js';

const directory = { kind: 'directory', mode: 0o755, layer: 1 } as const;
const file = { kind: 'file', layer: 1 } as const;

describe('the tree of an archive', () => {
  it('forgets a directory with all below it, and nothing beside it', () => {
    const tree = new Tree();
    for (const name of ['a', 'a/b', 'a/b/c', 'ab', 'a.b']) tree.set(name, directory);
    tree.set('a/b/c/file', file);
    assert.deepEqual(tree.children(''), ['a', 'ab', 'a.b']);
    assert.equal(tree.remove('a/b'), true);
    assert.equal(tree.remove('a/b'), false);
    assert.deepEqual([...tree.nodes.keys()], ['a', 'ab', 'a.b']);
    assert.deepEqual(tree.children('a'), []);
    tree.set('a/b', file);
    assert.deepEqual(tree.children('a'), ['a/b']);
    assert.deepEqual(tree.children('a/b'), []);
  });

  it('is cleared by as many removals as it has directories, however many those are', () => {
    const tree = new Tree();
    for (let i = 0; i < 200_000; i++) tree.set(`d${i}`, directory);
    for (let i = 0; i < 200_000; i++) tree.remove(`d${i}`);
    assert.equal(tree.nodes.size, 0);
  });
});
