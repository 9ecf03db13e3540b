import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sizeOfTree } from './tree-size.js';

describe('the size of a tree', () => {
  it('is that of its files, each once', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'bunny-size-'));
    try {
      assert.equal(await sizeOfTree(root), 0);
      mkdirSync(path.join(root, 'a/b'), { recursive: true });
      writeFileSync(path.join(root, 'a/b/c'), Buffer.alloc(1000));
      writeFileSync(path.join(root, 'd'), Buffer.alloc(200));
      linkSync(path.join(root, 'd'), path.join(root, 'a/e'));
      symlinkSync('d', path.join(root, 'f'));
      assert.equal(await sizeOfTree(root), 1200);
      assert.equal(await sizeOfTree(path.join(root, 'nothing')), 0);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
