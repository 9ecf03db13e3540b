import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rootfs } from 'bunny-libos-spec';
import { cpioArchive, cpioSize } from '../src/rootfs/cpio.js';
import { initrd, rootfsEntries } from '../src/rootfs/initrd.js';

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

describe('the initrd', () => {
  let directory: string;
  const file = (path: string, content: string | Buffer) => writeFileSync(join(directory, path), content);
  const rootfs = (...include: [string, string][]): Rootfs => ({
    from: 'scratch',
    type: 'initrd',
    include: include.map(([source, destination]) => ({ source, destination })),
  });
  const pack = async (...include: [string, string][]) =>
    bytesOf(
      initrd(await rootfsEntries(rootfs(...include), directory, (index) => `include[${index}]`), directory),
    );

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-initrd-'));
    mkdirSync(join(directory, 'www', 'css'), { recursive: true });
    file('www/index.html', '<html>');
    file('www/css/main.css', 'x'.repeat(70_001));
    file('www/empty', '');
    file('tool', '#!/bin/sh\n');
    chmodSync(join(directory, 'tool'), 0o700);
    symlinkSync('../tool', join(directory, 'www', 'link'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('is what cpio reads: files, modes, links, nested directories', async () => {
    const archive = await pack(['www', '/srv/www'], ['tool', '/bin/']);
    const out = join(directory, 'out');
    mkdirSync(out);
    execFileSync('cpio', ['-idm', '--quiet'], { cwd: out, input: archive });
    const listed = execFileSync('cpio', ['-it', '--quiet'], { input: archive, encoding: 'utf8' });
    assert.deepEqual(listed.trim().split('\n'), [
      ...['bin', 'bin/tool', 'srv', 'srv/www', 'srv/www/css', 'srv/www/css/main.css'],
      ...['srv/www/empty', 'srv/www/index.html', 'srv/www/link'],
    ]);
    assert.equal(readFileSync(join(out, 'srv/www/css/main.css'), 'utf8'), 'x'.repeat(70_001));
    assert.equal(readFileSync(join(out, 'srv/www/empty'), 'utf8'), '');
    assert.equal(readlinkSync(join(out, 'srv/www/link')), '../tool');
    assert.equal(lstatSync(join(out, 'bin/tool')).mode & 0o777, 0o755);
    assert.equal(lstatSync(join(out, 'srv/www/index.html')).mode & 0o777, 0o644);
    assert.equal(lstatSync(join(out, 'srv/www/index.html')).mtimeMs, 0);
  });

  it('has the same bytes wherever and whenever it is made', async () => {
    const before = await pack(['www', '/']);
    utimesSync(join(directory, 'www/index.html'), 1000, 1000);
    chmodSync(join(directory, 'www/index.html'), 0o600);
    assert.ok(before.equals(await pack(['www', '/'])));
    file('www/index.html', '<HTML>');
    assert.ok(!before.equals(await pack(['www', '/'])));
  });

  it('refuses what is missing and two sources for one path', async () => {
    await assert.rejects(pack(['www', '/'], ['none', '/none']), {
      code: 'BUNNY_EROOTFS',
      where: 'include[1]',
    });
    await assert.rejects(
      pack(['tool', '/a'], ['www/empty', '/a']),
      /two sources make \/a in the root file system$/,
    );
    await assert.rejects(
      pack(['tool', '/a'], ['www/empty', '/a/b']),
      /two sources make \/a in the root file system$/,
    );
    await assert.rejects(
      pack(['tool', '/a'], ['www', '/a']),
      /two sources make \/a in the root file system$/,
    );
  });

  it('has nothing that is put in the place of a file, link or directory once it was looked at', async () => {
    const swaps: [string, () => void][] = [
      ['www/css', () => symlinkSync('../elsewhere', join(directory, 'www/css'))],
      [
        'www/css/main.css',
        () => symlinkSync('../../elsewhere/main.css', join(directory, 'www/css/main.css')),
      ],
      ['www/css/main.css', () => mkdirSync(join(directory, 'www/css/main.css'))],
      ['www/css/main.css', () => execFileSync('mkfifo', [join(directory, 'www/css/main.css')])],
      ['www/css', () => undefined],
      ['www/link', () => file('www/link', '../tool')],
    ];
    mkdirSync(join(directory, 'elsewhere'));
    file('elsewhere/main.css', 's'.repeat(70_001));
    for (const [path, put] of swaps) {
      const entries = await rootfsEntries(rootfs(['www', '/']), directory, () => 'include');
      renameSync(join(directory, path), join(directory, 'away'));
      put();
      await assert.rejects(bytesOf(initrd(entries, directory)), { code: 'BUNNY_EROOTFS' }, path);
      rmSync(join(directory, path), { recursive: true, force: true });
      renameSync(join(directory, 'away'), join(directory, path));
    }
    assert.ok((await pack(['www', '/'])).length > 70_001);
  });

  it('opens files one after the other, and refuses names that are not UTF-8', async () => {
    const many = join(directory, 'many');
    mkdirSync(many);
    for (let index = 0; index < 200; index++) writeFileSync(join(many, `${index}`), 'x');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    let most = 0;
    const entries = await rootfsEntries(rootfs(['many', '/']), directory, () => 'include');
    for await (const _ of initrd(entries, directory)) most = Math.max(most, open());
    assert.ok(most - before < 10, `${most - before} files open`);
    writeFileSync(Buffer.concat([Buffer.from(`${many}/`), Buffer.from([0xff])]), '');
    await assert.rejects(pack(['many', '/']), { code: 'BUNNY_EPATH' });
  });

  it('merges trees at one destination', async () => {
    mkdirSync(join(directory, 'more'));
    file('more/extra', 'e');
    const listed = execFileSync('cpio', ['-it', '--quiet'], {
      input: await pack(['www', '/w'], ['more', '/w']),
      encoding: 'utf8',
    });
    assert.match(listed, /^w\nw\/css\nw\/css\/main\.css\nw\/empty\nw\/extra\n/);
  });
});

describe('cpioArchive', () => {
  it('has a size that is known before', async () => {
    const content = (text: string) => ({ size: text.length, content: [Buffer.from(text)] });
    for (const entries of [
      [],
      [{ path: 'a', kind: 'file' as const, ...content('') }],
      [
        { path: 'ab', kind: 'directory' as const, size: 0 },
        { path: 'ab/ü', kind: 'file' as const, ...content('12345') },
        { path: 'ab/link', kind: 'symlink' as const, ...content('x') },
      ],
    ]) {
      assert.equal(cpioSize(entries), (await bytesOf(cpioArchive(entries))).length);
    }
  });

  it('refuses content of another length than announced', async () => {
    const entry = { path: 'a', kind: 'file', size: 3, content: [new Uint8Array(2)] } as const;
    await assert.rejects(bytesOf(cpioArchive([entry])), /a changed while it was packed/);
    await assert.rejects(bytesOf(cpioArchive([{ ...entry, size: 2 ** 32 }])), /4 GiB/);
  });
});
