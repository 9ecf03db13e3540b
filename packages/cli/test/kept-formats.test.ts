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
    this.timeout(120_000);
    const original = join(formats, line);
    const apps = readdirSync(join(original, 'apps'));
    let place: string;
    let store: string;
    const env = { PATH: `${formats}/host:${process.env.PATH}` };

    beforeEach(async () => {
      place = await temporaryDirectory('kept');
      store = join(await temporaryDirectory('store'), 'store');
      await cp(original, place, { recursive: true, verbatimSymlinks: true });
    });

    const isAsKept = async (path: string, keptPath = path) =>
      assert.deepEqual(await readFile(join(place, path)), await readFile(join(original, keptPath)), path);

    it('is found and read', async () => {
      const from = `oci:${place}/registry`;
      const words = ['search', '--symbol', 'net_up', '--framework', 'kept', '--from', from];
      const found = await bunnyDone(words, { store });
      assert.match(found.stdout, /net +1\.1\.0/);
      for (const name of ['tooling:1.0.0', 'net:1.2.0', 'catalog', 'catalog:net'])
        await bunnyDone(['inspect', `${from}:kept/${name}`], { store });
    });

    it('is there already where its sources are published again: their hashes are what they were', async () => {
      const { results } = await bunnyJson<Published>(['publish', 'libos', '--to', 'oci:registry'], {
        cwd: place,
        store,
      });
      assert.ok(results.length > 0);
      for (const { tooling, variants, pushed } of results) {
        assert.equal(tooling.action, 'present');
        assert.deepEqual([...new Set(variants.map(({ action }) => action))], ['present']);
        assert.deepEqual(pushed, []);
      }
      await isAsKept('registry/index.json');
    });

    it('boots, where it is an OCI image', async () => {
      const image = `oci:${place}/images:hello`;
      await bunnyDone(['inspect', image], { store });
      const { stdout } = await bunnyDone(['run', image], { store, env });
      assert.equal(stdout, 'hello from a kept layout\n');
    });

    for (const app of apps) {
      const options = () => ({ cwd: join(place, 'apps', app), store, env });

      it(`is signed by all who signed it: ${app}`, async () => {
        const { verified, artifacts } = await bunnyJson<Verified>(['verify'], options());
        assert.ok(verified);
        for (const { opinions } of artifacts)
          assert.deepEqual(opinions[0]?.signers.toSorted(), ['bundles', 'statements']);
      });

      it(`is pinned by the same lock: ${app}`, async () => {
        await bunnyDone(['resolve', '--frozen'], options());
        await rm(join(place, 'apps', app, 'bunny.lock'));
        await bunnyDone(['resolve'], options());
        await isAsKept(`apps/${app}/bunny.lock`);
      });

      it(`is built to the same images: ${app}`, async () => {
        await bunnyDone(['build', '--all', '--frozen'], options());
        const files = readdirSync(join(original, 'apps', app, 'image'));
        assert.ok(files.length > 0);
        for (const file of files) await isAsKept(`apps/${app}/build/${file}`, `apps/${app}/image/${file}`);
        const { stdout } = await bunnyDone(['run', '--frozen'], options());
        assert.equal(stdout, 'hello from a kept layout\n');
      });
    }
  });
}
