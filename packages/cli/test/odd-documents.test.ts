import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const bunnyfile = 'version: v0.1\nplatforms: { framework: warren }\n';

describe('documents that are no regular files', function () {
  this.timeout(60_000);
  let directory: string;
  let store: string;

  beforeEach(async () => {
    directory = await temporaryDirectory('odd');
    store = await temporaryDirectory('store');
  });

  const resolve = (...words: string[]) =>
    bunnyError(['resolve', '--from', 'oci:nowhere', ...words], { cwd: directory, store });
  const pipe = (name: string) => execFileSync('mkfifo', [join(directory, name)]);

  it('are not waited for: a Bunnyfile or a lock that is a pipe', async () => {
    pipe('Bunnyfile');
    const { code, message, where, status } = await resolve();
    assert.deepEqual([code, message, status], ['BUNNY_ENOFILE', 'this is a pipe, not a file', 2]);
    assert.deepEqual(where, { file: 'Bunnyfile' });
    await writeFile(join(directory, 'Other'), bunnyfile);
    pipe('bunny.lock');
    const lock = await resolve('-f', 'Other', '--frozen');
    assert.deepEqual(
      [lock.code, lock.message, lock.where],
      ['BUNNY_ENOFILE', 'this is a pipe, not a file', { file: 'bunny.lock' }],
    );
  });

  it('are not read for ever: a device', async () => {
    const { code, message } = await resolve('-f', '/dev/zero');
    assert.deepEqual([code, message], ['BUNNY_ENOFILE', 'this is a device, not a file']);
    await writeFiles(directory, { 'libos/.keep': '' });
    for (const name of ['component.yaml', 'tooling.yaml']) {
      await symlink('/dev/zero', join(directory, 'libos', name));
      const words = ['publish', join('libos', name), '--to', 'oci:registry'];
      const published = await bunnyError(words, { cwd: directory, store });
      assert.deepEqual([published.code, published.message], ['BUNNY_ENOFILE', message]);
    }
  });

  it('are told from standard input, which has no directory for sources and a lock', async () => {
    const { code, hint } = await resolve('-f', '-');
    assert.equal(code, 'BUNNY_ENOBUNNYFILE');
    assert.equal(hint, 'write it to a file: sources and bunny.lock stand beside a Bunnyfile');
    const through = ['bash', '-c', 'exec "$@" -f <(cat Bunnyfile)', 'bash'];
    await writeFile(join(directory, 'Bunnyfile'), bunnyfile);
    const words = ['resolve', '--from', 'oci:nowhere'];
    const piped = await bunnyError(words, { cwd: directory, store, through });
    assert.deepEqual([piped.code, piped.message], ['BUNNY_ENOFILE', 'this is a pipe, not a file']);
  });

  it('are refused where they are larger than any honest one, before they are read', async () => {
    await writeFile(join(directory, 'Bunnyfile'), bunnyfile);
    await writeFile(join(directory, 'bunny.lock'), '{}');
    await truncate(join(directory, 'bunny.lock'), 64 * 1024 * 1024 + 1);
    assert.equal((await resolve()).code, 'BUNNY_ETOOLARGE');
    await truncate(join(directory, 'Bunnyfile'), 8 * 1024 ** 3);
    const { code, message } = await resolve();
    assert.equal(code, 'BUNNY_ETOOLARGE');
    assert.match(message, /has 8589934592 bytes; at most 1048576 are read/);
  });

  it('are refused where they are not UTF-8: an edit would lose what that says', async () => {
    const bytes = Buffer.from(`${bunnyfile}# caf\u00e9\n`, 'latin1');
    await writeFile(join(directory, 'Bunnyfile'), bytes);
    const { code, where, hint } = await resolve();
    assert.deepEqual([code, where], ['BUNNY_EENCODING', { file: 'Bunnyfile', line: 3 }]);
    assert.equal(hint, 'save it in the encoding UTF-8');
  });

  it('are told from those of a directory whose path cannot be written in UTF-8, and nothing is made elsewhere', async () => {
    const [name, lossy] = [Buffer.from('caf\u00e9', 'latin1'), 'caf\ufffd'];
    const path = Buffer.concat([Buffer.from(`${directory}/`), name]);
    await mkdir(path);
    await writeFile(Buffer.concat([path, Buffer.from('/Bunnyfile')]), bunnyfile);
    const through = ['bash', '-c', 'cd caf* && exec "$@"', 'bash'];
    const words = ['resolve', '--from', 'oci:nowhere'];
    const { code, where } = await bunnyError(words, { cwd: directory, store, through });
    assert.deepEqual([code, where], ['BUNNY_EPATH', join(directory, lossy)]);
    assert.equal((await readdir(directory)).length, 1);
  });

  it('are said to be empty where nothing is written in them', async () => {
    await writeFile(join(directory, 'Bunnyfile'), '# nothing yet\n');
    const { code, message, hint } = await resolve();
    assert.deepEqual([code, message], ['BUNNY_ETYPE', 'the document is empty']);
    assert.equal(hint, 'it needs at least the keys version, platforms');
  });

  it('are read through a link', async function () {
    this.timeout(warrenTimeout);
    const { registry, store } = await warren();
    const app = await copyOfApp('hello');
    await symlink('Bunnyfile', join(app, 'Link'));
    await bunnyDone(['resolve', '-f', 'Link', '--from', registry], { cwd: app, store });
  });
});
