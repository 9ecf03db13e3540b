import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emptyDirectory, removeBelow } from './empty-directory.js';
import { HeldDirectory } from './held-directory.js';

describe('emptying a directory', function () {
  this.timeout(10_000);
  let root: string;
  let top: string;
  let outside: string;
  let held: HeldDirectory;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'bunny-empty-'));
    top = path.join(root, 'top');
    outside = path.join(root, 'outside');
    mkdirSync(top);
    mkdirSync(path.join(outside, 'deep'), { recursive: true });
    writeFileSync(path.join(outside, 'deep/kept'), 'kept');
    held = HeldDirectory.open(top);
  });
  afterEach(async () => {
    held.close();
    await rm(root, { recursive: true });
  });

  const isWhole = () => assert.equal(readFileSync(path.join(outside, 'deep/kept'), 'utf8'), 'kept');

  it('takes everything away, whatever it is and whoever may not, and follows no link', async () => {
    mkdirSync(path.join(top, 'a/b/c'), { recursive: true });
    writeFileSync(path.join(top, 'a/b/c/file'), '');
    symlinkSync(outside, path.join(top, 'link'));
    symlinkSync(path.join(outside, 'deep'), path.join(top, 'a/b/link'));
    execFileSync('mkfifo', [path.join(top, 'a/fifo')]);
    writeFileSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0xfe])]), '');
    execFileSync('find', [
      path.join(top, 'a'),
      '-depth',
      '-not',
      '-type',
      'l',
      '-exec',
      'chmod',
      '0',
      '{}',
      '+',
    ]);
    await removeBelow(held, 'none');
    await removeBelow(held, 'link');
    isWhole();
    await emptyDirectory(held);
    assert.deepEqual(readdirSync(top), []);
    isWhole();
  });

  it('takes away what is deeper than any path may be long', async () => {
    const name = 'd'.repeat(100);
    const script = `for (let i = 0; i < 200; i++) { fs.mkdirSync('${name}'); process.chdir('${name}'); }`;
    execFileSync(process.execPath, ['-e', script], { cwd: top });
    await removeBelow(held, name);
    assert.deepEqual(readdirSync(top), []);
  });

  it('ends while somebody goes on putting links in the place of directories, and removes nothing behind them', async () => {
    const swap = [
      'const [top, outside] = process.argv.slice(1);',
      'process.stdout.write("x");',
      'for (;;) for (const name of ["a", "b", "c"]) {',
      '  const place = top + "/" + name;',
      '  const attempt = (action) => { try { action(); } catch {} };',
      '  attempt(() => fs.mkdirSync(place));',
      '  attempt(() => fs.mkdirSync(place + "/deep"));',
      '  attempt(() => fs.renameSync(place, place + Math.random()));',
      '  attempt(() => fs.symlinkSync(outside, place));',
      '  attempt(() => fs.rmSync(place));',
      '}',
    ].join('\n');
    const child = spawn(process.execPath, ['-e', swap, top, outside], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const until = performance.now() + 400;
      while (performance.now() < until) {
        const ended = AbortSignal.timeout(Math.max(1, Math.round(until - performance.now())));
        await emptyDirectory(held, ended).catch((error: { code?: string }) => {
          assert.match(String(error.code), /^BUNNY_E(?:IO|ABORTED)$/);
        });
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    isWhole();
    await emptyDirectory(held);
    assert.deepEqual(readdirSync(top), []);
  });

  it('can be interrupted', async () => {
    writeFileSync(path.join(top, 'file'), '');
    await assert.rejects(emptyDirectory(held, AbortSignal.abort()), { code: 'BUNNY_EABORTED' });
  });
});
