import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

interface Checked {
  targets: { arch: string; platform: string; ran: number }[];
}

describe('bunny check', function () {
  this.timeout(60_000);
  let cwd: string;
  let store: string;
  let flags: string[];

  before(async function () {
    this.timeout(warrenTimeout);
    const { registry, store: shared } = await warren();
    store = shared;
    flags = ['--from', registry, '--platform', 'linuxu'];
  });

  beforeEach(async () => {
    cwd = await copyOfApp('hello');
  });

  it('compiles the app and makes no image; a build after it only links', async () => {
    const first = await bunnyJson<Checked>(['check', ...flags], { cwd, store });
    assert.deepEqual(
      first.targets.map(({ platform, ran }) => [platform, ran > 0]),
      [['linuxu', true]],
    );
    assert.ok(!existsSync(join(cwd, 'build')));
    const again = await bunnyJson<Checked>(['check', ...flags], { cwd, store });
    assert.equal(again.targets[0]?.ran, 0);
    const { stderr } = await bunnyDone(['build', '-v', ...flags], { cwd, store });
    assert.doesNotMatch(stderr, / -c /);
    assert.match(stderr, /Built build\/hello-amd64-linuxu/);
    const { ran } = await bunnyJson<{ ran: number }>(['build', ...flags], { cwd, store });
    assert.equal(ran, 0, 'a check leaves a build up to date');
  });

  it('says what does not compile, with status 5, also where the linker would not mind', async () => {
    const source = join(cwd, 'src/main.c');
    await writeFile(source, `${await readFile(source, 'utf8')}\nint broken(void) { return }\n`);
    const error = await bunnyError(['check', ...flags], { cwd, store });
    assert.deepEqual([error.status, error.code], [5, 'BUNNY_ECOMPILE']);
  });

  it('checks every target with --all', async () => {
    const { targets } = await bunnyJson<Checked>(['check', '--all', ...flags.slice(0, 2)], { cwd, store });
    assert.ok(targets.length > 1);
  });
});
