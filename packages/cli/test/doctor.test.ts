import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfApp, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

interface Health {
  healthy: boolean;
  checks: { name: string; ok: boolean; found: string; hint?: string }[];
}

describe('bunny doctor', function () {
  this.timeout(60_000);
  let registry: string;
  let store: string;

  before(async function () {
    this.timeout(warrenTimeout);
    ({ registry, store } = await warren());
  });

  it('finds what an app needs: sandbox, store, registry and monitors', async () => {
    const cwd = await copyOfApp('hello');
    const { healthy, checks } = await bunnyJson<Health>(['doctor', '--from', registry], { cwd, store });
    assert.deepEqual(
      checks.map(({ name, ok }) => [name.replace(registry, 'REF'), ok]),
      ['bunny', 'node', 'sandbox', 'store', 'Bunnyfile', 'registry REF', 'monitor qemu-system-x86_64']
        .map((name): [string, boolean] => [name, true])
        .concat([['monitor qemu-system-aarch64', true]]),
    );
    assert.equal(healthy, true);
  });

  it('says what is missing and the command that installs it, with status 1', async () => {
    const cwd = await copyOfApp('hello');
    const path = await temporaryDirectory('path');
    await symlink(process.execPath, join(path, 'node'));
    const options = { cwd, store, env: { PATH: path } };
    const { status, stdout } = await bunny(['doctor', '--from', registry], options);
    assert.equal(status, 1);
    assert.match(
      stdout,
      /^missing {2}sandbox: bwrap is not installed\n {9}help: .*apt-get install bubblewrap$/m,
    );
    assert.match(
      stdout,
      /^missing {2}monitor qemu-system-aarch64: not installed\n {9}help: install it: apt-get install qemu-system-arm$/m,
    );
  });

  it('tells a registry that does not answer from one that lacks the framework', async () => {
    const cwd = await copyOfApp('hello');
    const empty = await temporaryDirectory('empty');
    const words = ['doctor', '--from', '127.0.0.1:1/libos', '--from', `oci:${empty}/none`];
    const { status, stdout } = await bunny(words, { cwd, store });
    assert.equal(status, 1);
    assert.match(stdout, /^missing {2}registry 127\.0\.0\.1:1\/libos: .*nothing listens there$/m);
    assert.match(stdout, /^missing {2}framework warren: no registry has it$/m);
  });

  it('checks the machine alone where there is no Bunnyfile', async () => {
    const cwd = await temporaryDirectory('empty');
    const { stdout } = await bunnyDone(['doctor'], { cwd, store });
    assert.deepEqual(
      stdout.match(/^ok {7}\w+/gm)?.map((line) => line.slice(9)),
      ['bunny', 'node', 'sandbox', 'store'],
    );
  });
});
