import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BunnyError } from 'bunny-libos-spec';
import { requireDirectories, sourceFiles } from '../src/files/source-files.js';

describe('sourceFiles', () => {
  let directory: string;
  const at = { file: 'Bunnyfile', line: 3 };
  const find = (patterns: string[], exclude: string[] = [], takes = (_: string) => true) =>
    sourceFiles(
      directory,
      patterns.map((pattern) => ({ pattern, at })),
      { exclude, takes },
    );

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'bunny-sources-'));
    for (const path of ['main.c', 'B.c', 'src/a.c', 'src/deep/b.c', 'src/deep/b.h', '.git/x.c', 'src/.y.c']) {
      mkdirSync(join(directory, path, '..'), { recursive: true });
      writeFileSync(join(directory, path), '');
    }
    symlinkSync('/etc/passwd', join(directory, 'src/link.c'));
    symlinkSync('/', join(directory, 'src/root'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('finds files once, sorted by code unit, without dot files', async () => {
    assert.deepEqual(await find(['**/*.c', 'src/*', './main.c'], ['src/link.c', 'src/root']), [
      'B.c',
      'main.c',
      'src/a.c',
      'src/deep/b.c',
    ]);
    assert.deepEqual(await find(['**/*.{c,h}'], ['src/deep/**', '**/link.c']), ['B.c', 'main.c', 'src/a.c']);
    assert.deepEqual(await find(['src/.*.c']), ['src/.y.c']);
  });

  it('refuses what is missing and what leads out, with its place', async () => {
    const refused = async (pattern: string, summary: RegExp, hint: RegExp) =>
      assert.rejects(find(['main.c', pattern]), (error: BunnyError) => {
        assert.equal(error.code, 'BUNNY_ESOURCE');
        assert.deepEqual(error.where, at);
        assert.match(error.message, summary);
        assert.match(error.hint ?? '', hint);
        return true;
      });
    await refused('src/aa.c', /no file src\/aa\.c/, /did you mean src\/a\.c\?/);
    await refused('src', /no file src$/, /src is a directory: name the files in it, as src\/\* does/);
    await assert.rejects(
      requireDirectories(directory, ['src', 'src/a.c'], () => at),
      {
        message: 'there is no directory src/a.c',
        hint: 'src/a.c is a file: name the directory that it is in',
      },
    );
    await refused('lib/*.c', /matches no file/, /relative to/);
    await refused('../*.c', /leads out/, /below the directory/);
    await refused('/etc/passwd', /leads out/, /below the directory/);
  });

  it('refuses links, named in full or matched, and files behind them', async () => {
    symlinkSync('src', join(directory, 'lib'));
    for (const pattern of ['src/link.c', 'src/*', 'src/*.c', '**/*.c']) {
      await assert.rejects(find([pattern]), /src\/(link\.c|root) is a symbolic link/, pattern);
    }
    await assert.rejects(find(['lib/a.c']), /lib is a symbolic link/);
    await assert.rejects(find(['lib/*.c']), /lib is a symbolic link/);
  });

  it('refuses a pattern that matches nothing but what is no source', async () => {
    await assert.rejects(
      find(['src/deep/*.h'], [], (path) => path.endsWith('.c')),
      {
        code: 'BUNNY_ESOURCE',
        message: 'src/deep/*.h matches no source: no language takes src/deep/b.h',
      },
    );
  });

  it('follows no link at the start of a pattern, and refuses names that are not UTF-8 where they are meant', async () => {
    const other = join(directory, 'other');
    mkdirSync(join(other, 'sub'), { recursive: true });
    const latin = Buffer.concat([Buffer.from(`${other}/gr`), Buffer.from([0xf6]), Buffer.from('n.c')]);
    writeFileSync(latin, '');
    writeFileSync(join(other, 'sub/\uFFFD.c'), '');
    try {
      await assert.rejects(find(['src/root/etc/*']), /src\/root is a symbolic link/);
      await assert.rejects(find(['other/*.c']), { code: 'BUNNY_EPATH', message: /not UTF-8/ });
      await assert.rejects(find(['**/*'], ['src', 'lib', 'l*']), { code: 'BUNNY_EPATH' });
      assert.deepEqual(await find(['other/**/*'], ['other/*.c']), ['other/sub/\uFFFD.c']);
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it('leaves links alone that are not meant', async () => {
    assert.deepEqual(await find(['src/*'], [], (path) => path === 'src/a.c'), ['src/a.c']);
    assert.deepEqual(await find(['src/*'], ['**/link.c', '**/root']), ['src/a.c']);
  });
});
