import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileWithin } from './file-within.js';
import { HeldDirectory } from './held-directory.js';

describe('a file within a directory', () => {
  let root: string;
  let held: HeldDirectory;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bunny-within-'));
    mkdirSync(path.join(root, 'top/a/b'), { recursive: true });
    writeFileSync(path.join(root, 'top/a/b/file'), 'inside');
    writeFileSync(path.join(root, 'secret'), 'secret');
    held = HeldDirectory.open(path.join(root, 'top'));
  });
  afterEach(async () => {
    held.close();
    await rm(root, { recursive: true });
  });

  const link = (name: string, target: string) => symlinkSync(target, path.join(root, 'top', name));
  const read = (below: string) => {
    const file = fileWithin(held, below, { limit: 100 });
    try {
      return file.read().toString();
    } finally {
      file.close();
    }
  };

  it('is found over links that stay in it', () => {
    link('direct', 'a/b/file');
    link('a/up', '../a/./b');
    link('a/b/again', '../../direct');
    for (const below of ['a/b/file', 'direct', './a/up/file', 'a/up/../b//file', 'a/b/again'])
      assert.equal(read(below), 'inside', below);
  });

  it('is not found over one that leads out, in a circle, or to no file', () => {
    link('absolute', path.join(root, 'top/a/b/file'));
    link('out', '../secret');
    link('a/out', '../../top/a/b/file');
    link('above', '..');
    link('circle', 'circle');
    const before = readdirSync('/proc/self/fd').length;
    for (const below of ['absolute', 'out', 'a/out', 'above/secret', 'circle', '../secret', 'a/b', 'a/b/..'])
      assert.throws(() => read(below), { code: /^BUNNY_E(?:PATH|NOFILE)$/ }, below);
    assert.throws(() => read('none/file'), { code: 'ENOENT' });
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });
});
