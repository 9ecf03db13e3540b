import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bases, makeRootfs, planRootfs, pushTooling, toolingDocument } from 'bunny-libos-namespace';
import { Network, openTarget, Store } from 'bunny-libos-oci';
import { readTooling } from 'bunny-libos-resolver';
import { canonicalJson } from 'bunny-libos-spec';
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

  it('stays the one that an older Bunny published, which wrote its rules without the keys of today', async () => {
    await bunnyDone(words, { cwd, store });
    const name = 'tiny/tooling';
    const network = new Network();
    const place = {
      store: await Store.open(store),
      bases: new Bases(['oci:registry'], cwd, { network }),
      framework: 'tiny',
    };
    const published = await readTooling(place, 'oci:registry', '1.0.0');
    assert.ok(published !== undefined);
    const rootfs = await makeRootfs(
      await planRootfs(
        { rootfs: { image: `oci:${cwd}/registry:${name}:1.0.0` } },
        { network, directory: cwd, cache: store },
      ),
    );
    const rules = JSON.parse(canonicalJson(published.document.rules));
    for (const target of rules.targets) delete target.entry;
    const document = toolingDocument(rules, published.document.identity.rootfs);
    await pushTooling(openTarget(`oci:${cwd}/older:${name}`), { document, rootfs });

    const again = await bunnyJson<{
      results: { tooling: { layerHash: string; action: string }; variants: { action: string }[] }[];
    }>([...words.slice(0, -1), 'oci:older'], { cwd, store });
    assert.equal(again.results[0]?.tooling.layerHash, document.layerHash);
    assert.notEqual(document.layerHash, published.document.layerHash);
    const made = await bunnyJson<{ results: { variants: { action: string }[] }[] }>(
      ['publish', '1.0.0', '--to', 'oci:older'],
      { cwd, store },
    );
    assert.ok(made.results[0]?.variants.every(({ action }) => action === 'present'));
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
