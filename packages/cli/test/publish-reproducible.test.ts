import assert from 'node:assert/strict';
import { chmod, cp, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyJson, mainFile } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  filesBelow,
  freshStore,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { newestNode, newestNodeTimeout } from 'bunny-libos-testing/judges/newest-node.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { layoutTags, variantTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Results {
  results: { compiled: number; pushed: { name: string; tag: string; digest: string }[] }[];
}

describe('bunny publish, elsewhere', function () {
  this.timeout(120_000);
  let registry: DockerRegistry;
  /** A copy of the sources under another path, with other times and modes. */
  let elsewhere: string;
  let store: string;
  let newest: string;

  before(async function () {
    this.timeout(warrenTimeout + newestNodeTimeout);
    newest = newestNode();
    await warren();
    registry = await startDockerRegistry();
    elsewhere = join(await temporaryDirectory('another place'), 'a libOS');
    await cp(warrenSources, elsewhere, { recursive: true });
    for (const file of await filesBelow(elsewhere)) {
      await utimes(join(elsewhere, file), 1, 1);
      if (file.endsWith('.c')) await chmod(join(elsewhere, file), 0o600);
    }
    store = await freshStore();
  });
  after(() => registry?.stop());

  it('gives a registry the very digests of the layout: another directory, store, time zone, language, umask, Node', async () => {
    const { directory } = await warren();
    const { results } = await bunnyJson<Results>(['publish', '.', '--to', `${registry.host}/team/libos`], {
      cwd: elsewhere,
      store,
      env: { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'tr_TR.UTF-8', SOURCE_DATE_EPOCH: '12345' },
      through: ['sh', '-c', 'umask 077; exec "$@"', 'sh'],
      command: [newest, mainFile],
    });
    const [result] = results;
    assert.ok(result !== undefined && result.compiled > 0, 'it was compiled anew');
    const pushed = new Map<string, string>();
    for (const { name, tag, digest } of result.pushed) pushed.set(`warren/${name}:${tag}`, digest);
    assert.deepEqual(pushed, await variantTags(directory));
  });

  it('serves the same bytes over HTTP, indexes and tooling included', async () => {
    const { directory } = await warren();
    for (const [name, digest] of await layoutTags(directory)) {
      const [path, tag] = name.split(':');
      const response = await fetch(`http://${registry.host}/v2/team/libos/${path}/manifests/${tag}`, {
        method: 'HEAD',
        headers: {
          accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
        },
      });
      assert.equal(response.headers.get('docker-content-digest'), digest, name);
    }
  });

  it('finds by one HEAD for each variant that all is there, and then sends nothing', async () => {
    const { directory } = await warren();
    registry.forget();
    const words = ['publish', elsewhere, '--to', `${registry.host}/team/libos`];
    const { results } = await bunnyJson<Results>(words, { store });
    assert.deepEqual(results[0]?.pushed, []);
    assert.equal(results[0]?.compiled, 0);
    const { requests } = registry;
    assert.deepEqual(
      requests.filter((request) => !/^(GET|HEAD) /.test(request)),
      [],
    );
    const heads = requests.filter((request) => /^HEAD \S+_[0-9a-f]{16}$/.test(request));
    assert.equal(heads.length, (await variantTags(directory)).size);
    assert.equal(new Set(heads).size, heads.length);
  });

  it('makes what the registry lost, and only that', async () => {
    const { directory } = await warren();
    const [[name = '', digest] = []] = [...(await variantTags(directory))];
    const [path, tag] = name.split(':');
    const manifests = `http://${registry.host}/v2/team/libos/${path}/manifests`;
    const deleted = await fetch(`${manifests}/${digest}`, { method: 'DELETE' });
    assert.equal(deleted.status, 202);
    const words = ['publish', elsewhere, '--to', `${registry.host}/team/libos`];
    const { results } = await bunnyJson<Results>(words, { store });
    assert.deepEqual(
      results[0]?.pushed.map((each) => [`warren/${each.name}`, each.tag, each.digest]),
      [[path, tag, digest]],
    );
    const again = await fetch(`${manifests}/${tag}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    assert.equal(again.headers.get('docker-content-digest'), digest);
  });
});
