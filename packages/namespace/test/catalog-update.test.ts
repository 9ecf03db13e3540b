import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Network, removeTree, Store } from 'bunny-libos-oci';
import {
  type ComponentConfig,
  type ComponentIdentity,
  catalogRepository,
  layerHash,
  sha256,
  variantTag,
} from 'bunny-libos-spec';
import { readCatalogEntry } from '../src/catalog/repository.js';
import { type CatalogPlace, updateCatalogEntry } from '../src/catalog/update.js';
import { pushVariant } from '../src/component/push.js';
import { updateVersionIndex } from '../src/component/version-index.js';
import { Bases } from '../src/source/bases.js';

const framework = 'burrow';

function config(version: string, arch: string): ComponentConfig {
  const identity: ComponentIdentity = {
    schema: 'https://bunny-libos.github.io/schema/component-identity/v1',
    framework,
    name: 'net',
    version,
    settings: { arch },
    options: {},
    dependencies: {},
    provides: {},
    conflicts: {},
    tooling: sha256('tooling'),
    source: sha256(version),
  };
  const object = { digest: sha256('o'), size: 1, text: 0, data: 0, bss: 0, undefined: [] };
  return {
    schema: 'https://bunny-libos.github.io/schema/component-config/v1',
    identity,
    layerHash: layerHash(identity),
    abi: 'burrow-1',
    declares: {},
    objects: [{ ...object, path: 'objects/net.o', defined: [`net_${arch}`, 'net_poll'] }],
    headers: [],
    scripts: [],
    builtWith: [],
  };
}

describe('updateCatalogEntry', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-catalog-'));
  });
  after(() => removeTree(directory));

  /** A publisher with connections and a store of its own, as another process would have. */
  async function publisher(to: string, number: number): Promise<CatalogPlace> {
    const store = await Store.open(join(directory, `store-${number}`));
    const bases = new Bases([to], directory, { network: new Network() });
    return { framework, to, bases, store };
  }

  async function publish(place: CatalogPlace, version: string, arch: string): Promise<void> {
    const made = config(version, arch);
    const target = place.bases.repository(place.to, framework, 'net');
    const files = [{ path: 'objects/net.o', content: Buffer.from('o') }];
    const tag = variantTag(version, made.layerHash);
    const published = await pushVariant(target, made, files);
    await updateVersionIndex(target, version, [published]);
    assert.equal(await updateCatalogEntry(place, 'net', { configs: new Map([[tag, made]]) }), true);
  }

  it('covers every variant in the end, whoever writes when', async () => {
    for (let round = 0; round < 10; round++) {
      const to = `oci:${join(directory, `registry-${round}`)}`;
      const jobs = ['1.0.0', '1.1.0'].flatMap((version) =>
        ['amd64', 'arm64'].map((arch) => ({ version, arch })),
      );
      const places = await Promise.all(jobs.map((_, number) => publisher(to, number)));
      await Promise.all(
        jobs.map(({ version, arch }, number) => publish(places[number] as CatalogPlace, version, arch)),
      );
      const [place] = places as [CatalogPlace];
      const catalog = place.bases.repository(to, framework, catalogRepository);
      const entry = await readCatalogEntry(catalog, { framework, name: 'net' }, place.store);
      assert.deepEqual(
        entry?.versions.map(({ version, variants }) => [version, variants.length]),
        [
          ['1.1.0', 2],
          ['1.0.0', 2],
        ],
      );
      const names = entry?.versions[0]?.contents?.symbols.map((group) => [
        group.names,
        group.variants?.length,
      ]);
      assert.deepEqual([...(names ?? [])].sort(), [
        [['net_amd64'], 1],
        [['net_arm64'], 1],
        [['net_poll'], undefined],
      ]);
      assert.equal(entry?.versions[1]?.contents, undefined);
    }
  });

  it('says where there is nothing to describe', async () => {
    const place = await publisher(`oci:${join(directory, 'empty')}`, 0);
    assert.equal(await updateCatalogEntry(place, 'net'), false);
  });
});
