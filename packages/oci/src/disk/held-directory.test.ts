import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HeldDirectory } from './held-directory.js';

describe('a held directory', () => {
  let root: string;
  let outside: string;
  let held: HeldDirectory;
  const limit = { limit: 1000 };

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bunny-held-'));
    outside = path.join(root, 'outside');
    mkdirSync(path.join(root, 'top/a/b'), { recursive: true });
    mkdirSync(outside);
    writeFileSync(path.join(root, 'top/a/b/file'), 'content');
    writeFileSync(path.join(outside, 'secret'), 'secret');
    held = HeldDirectory.open(path.join(root, 'top'));
  });
  afterEach(async () => {
    held.close();
    await rm(root, { recursive: true });
  });

  const at = (name: string) => path.join(root, 'top', name);
  const refusal = (code: string, where: string) => (error: { code?: string; where?: string }) => {
    assert.equal(error.code, code);
    assert.equal(error.where, where);
    return true;
  };

  it('gives what is below it, and names that of the file system as people know it', () => {
    assert.equal(held.read('a/b/file', limit).toString(), 'content');
    assert.deepEqual(held.list(), ['a']);
    assert.throws(() => held.read('a/none', limit), {
      code: 'ENOENT',
      path: at('a/none'),
      message: `ENOENT: no such file or directory, open '${at('a/none')}'`,
    });
    assert.throws(() => HeldDirectory.open(at('a/b/file')), { code: 'ENOTDIR' });
  });

  it('follows no link, wherever in a path it stands, and names it', () => {
    symlinkSync(outside, at('link'));
    symlinkSync('a/b/file', at('inside'));
    symlinkSync(path.join(outside, 'secret'), at('a/secret'));
    for (const [action, where] of [
      [() => held.read('link/secret', limit), 'link'],
      [() => held.read('a/secret', limit), 'a/secret'],
      [() => held.read('inside', limit), 'inside'],
      [() => held.enter('link'), 'link'],
      [() => held.below('link/x/y'), 'link'],
      [() => held.make('link'), 'link'],
      [() => held.makeBelow('a/secret/x'), 'a/secret'],
    ] as const) {
      assert.throws(action, refusal('BUNNY_EPATH', at(where)));
    }
    assert.equal(held.status('link')?.isSymbolicLink(), true);
    assert.equal(held.linkTarget('link'), outside);
    assert.throws(() => held.create('inside'), { code: 'EEXIST' });
    assert.throws(() => held.makeBelow('a/b/file'), { code: 'EEXIST', path: at('a/b/file') });
  });

  it('leads nowhere else by a name', () => {
    for (const name of ['..', 'a/../../outside/secret', '/etc/passwd']) {
      assert.throws(() => held.read(name, limit), { code: 'BUNNY_EPATH' }, name);
    }
    for (const name of ['', '.', '..', 'a/b', 'a\0b'])
      assert.throws(() => held.enter(name), { code: 'BUNNY_EPATH' });
  });

  it('reads regular files only, and waits for nothing', function () {
    this.timeout(2000);
    execFileSync('mkfifo', [at('fifo')]);
    for (const name of ['fifo', 'a'])
      assert.throws(() => held.read(name, limit), refusal('BUNNY_ENOFILE', at(name)));
    assert.throws(() => held.enter('fifo'), refusal('BUNNY_ENOFILE', at('fifo')));
    const devices = HeldDirectory.open('/dev');
    try {
      for (const name of ['zero', 'tty', 'null'])
        assert.throws(() => devices.read(name, limit), { code: 'BUNNY_ENOFILE' });
    } finally {
      devices.close();
    }
  });

  it('reads up to a limit, also where a file grows', () => {
    writeFileSync(at('large'), Buffer.alloc(1001));
    assert.throws(() => held.read('large', limit), refusal('BUNNY_ELIMIT', at('large')));
    assert.equal(held.read('large', { limit: 1001 }).length, 1001);
    const file = held.file('large', { limit: 1001 });
    appendFileSync(at('large'), 'x');
    assert.throws(() => file.read(), refusal('BUNNY_ELIMIT', at('large')));
    file.close();
  });

  it('tells a file with a second name where that matters', () => {
    linkSync(path.join(outside, 'secret'), at('second'));
    assert.equal(held.read('second', limit).toString(), 'secret');
    assert.throws(() => held.read('second', { ...limit, sole: true }), refusal('BUNNY_EPATH', at('second')));
  });

  it('stays what it was when its path becomes another', () => {
    const below = held.below('a/b');
    const file = below.file('file', limit);
    renameSync(at('a'), at('moved'));
    symlinkSync(outside, at('a'));
    below.write('new', 'text', 0o600);
    assert.equal(file.read().toString(), 'content');
    file.close();
    below.close();
    assert.deepEqual(readdirSync(outside), ['secret']);
    assert.deepEqual(readdirSync(at('moved/b')).sort(), ['file', 'new']);
  });

  it('replaces links and files in one step, and nothing that they lead to', () => {
    symlinkSync(path.join(outside, 'secret'), at('link'));
    held.write('link', 'mine');
    assert.equal(readFileSync(at('link'), 'utf8'), 'mine');
    assert.equal(readFileSync(path.join(outside, 'secret'), 'utf8'), 'secret');
    assert.throws(() => held.write('a', 'mine'), { code: 'EISDIR', path: at('a') });
    assert.deepEqual(held.list(), ['a', 'link']);
  });

  it('moves from one to another, and removes links, not what they lead to', () => {
    symlinkSync(outside, at('link'));
    const below = held.makeBelow('x/y/z', 0o700);
    held.rename('link', 'moved', below);
    assert.equal(readlinkSync(at('x/y/z/moved')), outside);
    below.remove('moved');
    below.remove('moved');
    below.close();
    assert.ok(existsSync(path.join(outside, 'secret')));
    held.enter('x').close();
  });

  it('leaves no descriptor open, also where it refuses', () => {
    symlinkSync(outside, at('link'));
    const before = readdirSync('/proc/self/fd').length;
    for (const name of ['link', 'a/b/file/x', 'a/b', 'none/x', 'a/b/file'])
      for (const action of [() => held.read(name, { limit: 1 }), () => held.below(name).close()])
        try {
          action();
        } catch {}
    assert.equal(readdirSync('/proc/self/fd').length, before);
    chmodSync(at('a'), 0o755);
  });
});
