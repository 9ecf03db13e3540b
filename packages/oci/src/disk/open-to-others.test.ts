import assert from 'node:assert/strict';
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openToOthers } from './open-to-others.js';

describe('a way that is open to others', () => {
  let scratch: string;
  const at = (...parts: string[]) => path.join(scratch, ...parts);
  const make = (mode: number, ...parts: string[]) => {
    mkdirSync(at(...parts), { recursive: true });
    chmodSync(at(...parts), mode);
    return at(...parts);
  };

  beforeEach(() => {
    scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'bunny-open-')));
  });
  afterEach(() => rm(scratch, { recursive: true }));

  it('is none of this user’s own, whatever others may read, nor one that is not there', () => {
    assert.equal(openToOthers(make(0o755, 'a/b')), undefined);
    assert.equal(openToOthers(at('none/at/all')), undefined);
    assert.equal(openToOthers('/'), undefined);
  });

  it('is one through a directory that others may write to, unless that is sticky', () => {
    make(0o755, 'a/b/c');
    for (const mode of [0o777, 0o757, 0o772]) {
      make(mode, 'a');
      assert.equal(openToOthers(at('a/b/c')), at('a'));
      // What is made there later may be theirs.
      assert.equal(openToOthers(at('a/none')), at('a'));
    }
    make(0o1777, 'a');
    assert.equal(openToOthers(at('a/b/c')), undefined);
    assert.equal(openToOthers(at('a')), at('a'));
  });

  it('is one to a place that others may write to', () => {
    assert.equal(openToOthers(make(0o777, 'a')), at('a'));
    writeFileSync(at('file'), '');
    chmodSync(at('file'), 0o646);
    assert.equal(openToOthers(at('file')), at('file'));
  });

  it('follows links as the system does', () => {
    make(0o755, 'a/b');
    make(0o777, 'open/c');
    chmodSync(at('open'), 0o777);
    symlinkSync('../open/c', at('a/there'));
    symlinkSync(at('a/b'), at('open/back'));
    assert.equal(openToOthers(at('a/there')), at('open'));
    assert.equal(openToOthers(at('open/back')), at('open'));
    chmodSync(at('open'), 0o755);
    assert.equal(openToOthers(at('open/back')), undefined);
    symlinkSync('circle', at('circle'));
    assert.equal(openToOthers(at('circle')), at('circle'));
  });

  it('is one through what belongs to somebody else, also in a sticky directory', function () {
    if (process.getuid?.() !== 0) this.skip();
    make(0o1777, 'a');
    make(0o755, 'a/theirs/b');
    symlinkSync('/', at('a/link'));
    lchownSync(at('a/theirs'), 65_530, 65_530);
    lchownSync(at('a/link'), 65_530, 65_530);
    assert.equal(openToOthers(at('a/theirs/b')), at('a/theirs'));
    assert.equal(openToOthers(at('a/link/etc')), at('a/link'));
    // Root's group is root.
    chmodSync(make(0o775, 'a/group'), 0o775);
    assert.equal(openToOthers(at('a/group')), undefined);
    lchownSync(at('a/group'), 0, 65_530);
    assert.equal(openToOthers(at('a/group')), at('a/group'));
  });
});
