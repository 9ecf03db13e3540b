import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { Judges } from 'bunny-libos-testing/judges/debian.js';

describe('bunny keygen', function () {
  this.timeout(120_000);
  let cwd: string;
  beforeEach(async () => {
    cwd = await temporaryDirectory('keys');
  });
  const env = { COSIGN_PASSWORD: 'white rabbit' };

  for (const suite of ['trixie', 'sid'] as const) {
    it(`makes a key that cosign of ${suite} opens and signs with`, async () => {
      const { id, ...files } = await bunnyJson<Record<string, string>>(['keygen'], { cwd, env });
      assert.deepEqual(files, { privateKey: 'bunny.key', publicKey: 'bunny.pub' });
      assert.match(String(id), /^sha256:[0-9a-f]{64}$/);
      const judges = new Judges(cwd, suite);
      const derived = await judges.run(['cosign', 'public-key', '--key', 'bunny.key'], env);
      assert.equal(derived.stdout, await readFile(join(cwd, 'bunny.pub'), 'utf8'), derived.stderr);
      const wrong = await judges.run(['cosign', 'public-key', '--key', 'bunny.key'], {
        COSIGN_PASSWORD: 'x',
      });
      assert.notEqual(wrong.status, 0);
    });
  }

  it('takes the passphrase from standard input, and does not say it', async () => {
    const words = ['keygen', 'libos', '--password-stdin'];
    const { stdout, stderr } = await bunnyDone(words, { cwd, input: 'white rabbit\n' });
    assert.ok(!`${stdout}${stderr}`.includes('rabbit'));
    assert.equal((await stat(join(cwd, 'libos.key'))).mode & 0o777, 0o600);
    const derived = await new Judges(cwd, 'trixie').run(['cosign', 'public-key', '--key', 'libos.key'], env);
    assert.equal(derived.status, 0, derived.stderr);
  });

  it('writes over nothing, and nothing without a passphrase', async () => {
    await bunnyDone(['keygen', 'libos'], { cwd, env });
    const error = await bunnyError(['keygen', 'libos'], { cwd, env });
    assert.deepEqual([error.status, error.code], [2, 'BUNNY_EEXISTS']);
    const nobody = await bunny(['keygen', 'other'], { cwd });
    assert.equal(nobody.status, 2);
    assert.match(nobody.stderr, /BUNNY_EKEY.*\n.*\n.*COSIGN_PASSWORD/);
    assert.deepEqual((await readdir(cwd)).sort(), ['libos.key', 'libos.pub']);
    // Empty is a passphrase, too, as for cosign.
    await bunnyDone(['keygen', 'empty'], { cwd, env: { COSIGN_PASSWORD: '' } });
  });
});
