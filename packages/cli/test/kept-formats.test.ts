import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const formats = repositoryFile('fixtures/formats');
/** The lines of releases of which something is kept: `0.2`. */
const kept = readdirSync(formats).filter((name) => /^\d+\.\d+$/.test(name));

interface Published {
  results: { tooling: { action: string }; variants: { action: string }[]; pushed: unknown[] }[];
}

interface Verified {
  verified: boolean;
  artifacts: { opinions: { signers: string[] }[] }[];
}

it('something is kept of released formats', () => assert.notDeepEqual(kept, []));

for (const line of kept) {
  describe(`what Bunny ${line} published, pinned and built`, function () {
    this.timeout(60_000);
    let place: string;
    let app: string;
    let store: string;
    const env = { PATH: `${formats}/host:${process.env.PATH}` };

    beforeEach(async () => {
      place = await temporaryDirectory('kept');
      app = join(place, 'app');
      store = join(await temporaryDirectory('store'), 'store');
      await cp(join(formats, line), place, { recursive: true, verbatimSymlinks: true });
    });

    const isAsKept = async (...path: string[]) =>
      assert.deepEqual(await readFile(join(place, ...path)), await readFile(join(formats, line, ...path)));

    it('is found, read, and found to be signed', async () => {
      const from = `oci:${place}/registry`;
      const found = await bunnyDone(['search', '--symbol', 'net_up', '--framework', 'kept', '--from', from], {
        store,
      });
      assert.match(found.stdout, /net +1\.1\.0/);
      for (const name of ['tooling:1.0.0', 'net:1.2.0', 'catalog', 'catalog:net'])
        await bunnyDone(['inspect', `${from}:kept/${name}`], { store });
      const { verified, artifacts } = await bunnyJson<Verified>(['verify'], { cwd: app, store });
      assert.ok(verified);
      for (const { opinions } of artifacts)
        assert.deepEqual(opinions[0]?.signers.toSorted(), ['bundles', 'statements']);
    });

    it('is pinned by the same lock', async () => {
      await bunnyDone(['resolve', '--frozen'], { cwd: app, store });
      await rm(join(app, 'bunny.lock'));
      await bunnyDone(['resolve'], { cwd: app, store });
      await isAsKept('app', 'bunny.lock');
    });

    it('is built to the same image', async () => {
      await bunnyDone(['build', '--frozen'], { cwd: app, store, env });
      for (const file of ['hello-amd64-linuxu', 'hello-amd64-linuxu.initrd']) {
        const built = await readFile(join(app, 'build', file));
        assert.deepEqual(built, await readFile(join(formats, line, 'image', file)), file);
      }
      const { stdout } = await bunnyDone(['run', '--frozen'], { cwd: app, store, env });
      assert.equal(stdout, 'hello from a kept layout\n');
    });

    it('is there already where its sources are published again: their hashes are what they were', async () => {
      const { results } = await bunnyJson<Published>(['publish', 'libos', '--to', 'oci:registry'], {
        cwd: place,
        store,
      });
      const [result] = results;
      assert.equal(result?.tooling.action, 'present');
      assert.deepEqual([...new Set(result?.variants.map(({ action }) => action))], ['present']);
      assert.deepEqual(result?.pushed, []);
      await isAsKept('registry', 'index.json');
    });
  });
}
