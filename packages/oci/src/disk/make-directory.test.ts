import assert from 'node:assert/strict';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeDirectory } from './make-directory.js';

describe('a directory', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-directory-'));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  it('is made with those above it, and left as it is where there is one', () => {
    const directory = path.join(scratch, 'a/b/c');
    makeDirectory(directory, 0o700);
    makeDirectory(directory);
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  it('has the mode that is asked for whatever the umask', () => {
    for (const umask of [0, 0o077, 0o277]) {
      const directory = path.join(scratch, `${umask}/a/b`);
      const before = process.umask(umask);
      try {
        makeDirectory(directory, 0o700);
      } finally {
        process.umask(before);
      }
      for (const each of [directory, path.dirname(directory)])
        assert.equal(statSync(each).mode & 0o777, 0o700);
    }
  });

  it('is not made in place of a file, nor below one', () => {
    const file = path.join(scratch, 'file');
    writeFileSync(file, '');
    assert.throws(() => makeDirectory(file), { code: 'EEXIST' });
    assert.throws(() => makeDirectory(path.join(file, 'a/b')), { code: 'ENOTDIR' });
  });

  it('is refused where the system takes none', () => {
    assert.throws(() => makeDirectory('/proc/a/b'), { code: 'ENOENT' });
  });
});
