import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { filesBelow } from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { writeCertificate } from 'bunny-libos-testing/registries/tls-certificate.js';

describe('the root filesystem of a tooling layer that is published', function () {
  this.timeout(60_000);
  let cwd: string;
  let store: string;

  beforeEach(async () => {
    cwd = await temporaryDirectory('root');
    store = join(await temporaryDirectory('store'), 'store');
    await writeTinyLibos(cwd);
    await writeTinyVersion(cwd, '1.0.0');
  });

  const words = ['publish', 'tooling', '1.0.0', '--to', 'oci:registry'];
  const archives = async () =>
    (await filesBelow(join(store, 'rootfs')).catch(() => [])).filter((path) => path.endsWith('.tar.gz'));

  it('is read, and packed only where it is needed and something in it changed', async () => {
    const dry = await bunnyJson<{ plans: { tooling: { layerHash: string } }[] }>([...words, '--dry-run'], {
      cwd,
      store,
    });
    assert.deepEqual(await archives(), [], 'a dry run packs nothing');
    await writeFiles(cwd, { '1.0.0/component.yaml': 'framework: tiny\n' });
    await bunnyError(words, { cwd, store });
    assert.deepEqual(await archives(), [], 'nor does what is refused');

    await writeTinyVersion(cwd, '1.0.0');
    await bunnyDone(words, { cwd, store });
    const first = await archives();
    assert.equal(first.length, 1);
    const again = await bunnyJson<{ results: { tooling: { layerHash: string } }[] }>(words, { cwd, store });
    assert.equal(again.results[0]?.tooling.layerHash, dry.plans[0]?.tooling.layerHash);
    assert.deepEqual(await archives(), first);

    await writeFiles(cwd, { 'tooling/root/etc/tiny': 'other\n' });
    const changed = await bunnyError(words, { cwd, store });
    assert.deepEqual([changed.status, changed.code], [1, 'BUNNY_EPUBLISHED']);
    assert.ok(changed.details.includes('the root filesystem differs'));
    assert.deepEqual(await archives(), first);
  });

  it('may be an image on a registry with TLS, which is talked to as the command line says', async () => {
    const tls = await writeCertificate(cwd, 'registry');
    const registry = await startDockerRegistry({ address: '127.0.0.1', tls });
    try {
      const trust = ['--no-plain-http', '--ca-file', tls.certificate];
      // A tooling layer is an ordinary image: the next one is made from it.
      const base = ['publish', 'tooling', '1.0.0', '--to', `${registry.host}/base`];
      await bunnyDone([...base, ...trust], { cwd, store });
      const file = join(cwd, 'tooling', 'tooling.yaml');
      const image = `rootfs: { image: "${registry.host}/base/tiny/tooling:1.0.0" }`;
      await writeFile(file, (await readFile(file, 'utf8')).replace(/^rootfs: .*$/m, image));
      const refused = await bunnyError([...words, '--no-plain-http'], { cwd, store });
      assert.equal(refused.code, 'BUNNY_ENETWORK');
      for (const flags of [trust, ['--insecure', registry.host]]) {
        await bunnyDone([...words.slice(0, -1), `oci:${flags.length}`, ...flags], { cwd, store });
      }
    } finally {
      await registry.stop();
    }
  });
});
