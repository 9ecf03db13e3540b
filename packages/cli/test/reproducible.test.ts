import assert from 'node:assert/strict';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

describe('bunny build --verify-reproducible', function () {
  this.timeout(120_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  const words = async (...more: string[]) => {
    const { registry } = await warren();
    const target = ['--arch', 'amd64', '--platform', 'linuxu'];
    return ['build', '--from', registry, ...target, '--verify-reproducible', ...more];
  };

  it('builds in another place and finds the same bytes, of every artifact', async () => {
    const cwd = await copyOfApp('files');
    const { store } = await warren();
    const { stderr } = await bunnyDone(await words('--type', 'elf', '--type', 'oci'), { cwd, store });
    const [, names = ''] = /Reproduced (.*): the same bytes/.exec(stderr) ?? [];
    const told = new Set(names.split(', '));
    for (const ending of ['linuxu', '.record.json', '.sizes.json']) {
      assert.ok(
        [...told].some((name) => name.endsWith(ending)),
        `${ending}: ${stderr}`,
      );
    }
    assert.ok(told.size >= 4);
    assert.deepEqual(
      (await readdir(cwd)).filter((name) => name.startsWith('bunny-again')),
      [],
    );
  });

  it('says which files differ where they do', async () => {
    const cwd = await copyOfApp('hello');
    const { store } = await warren();
    const source = join(cwd, 'src/main.c');
    const text = await readFile(source, 'utf8');
    assert.match(text, /return 0;/);
    await writeFile(source, text.replace('return 0;', 'puts(__TIMESTAMP__);\n\treturn 0;'));
    const then = new Date('2001-01-01T00:00:00Z');
    await utimes(source, then, then);
    const error = await bunnyError(await words(), { cwd, store });
    assert.deepEqual([error.status, error.code], [5, 'BUNNY_EREPRODUCE']);
    assert.match(error.details[0] ?? '', /^hello-amd64-linuxu/);
    assert.match(error.details.join('\n'), /first sha256:[0-9a-f]{64}\n {2}again sha256:/);
  });
});
