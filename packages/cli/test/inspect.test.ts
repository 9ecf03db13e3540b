import assert from 'node:assert/strict';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { warren, warrenSources, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Variant {
  name: string;
  version: string;
  settings: Record<string, string>;
  options: Record<string, unknown>;
  tag: string;
  manifest: { digest: string; size: number };
}

describe('bunny inspect', function () {
  this.timeout(60_000);
  let docker: DockerRegistry;
  const bases: [where: string, base: () => Promise<string>][] = [
    ['an image layout', async () => `${(await warren()).registry}:warren`],
    ['a registry', async () => `${docker.host}/libos/warren`],
  ];

  before(async function () {
    this.timeout(warrenTimeout);
    const { store } = await warren();
    docker = await startDockerRegistry();
    await bunnyDone(['publish', warrenSources, '--allow-commands', '--to', `${docker.host}/libos`], {
      store,
    });
  });
  after(() => docker?.stop());

  for (const [where, base] of bases) {
    describe(`in ${where}`, () => {
      const inspect = async <Document>(path: string) =>
        await bunnyJson<Document>(['inspect', `${await base()}${path}`], { store: (await warren()).store });

      it('lists the versions and variants of a component', async () => {
        const found = await inspect<{ kind: string; variants: Variant[] }>('/args');
        assert.equal(found.kind, 'component');
        assert.deepEqual([...new Set(found.variants.map(({ version }) => version))].sort(), [
          '1.0.0',
          '1.1.0',
          '1.1.1',
        ]);
        const tags = await layoutTags((await warren()).directory);
        for (const { tag, manifest } of found.variants)
          assert.equal(manifest.digest, tags.get(`warren/args:${tag}`));
      });

      it('lists the variants of a version', async () => {
        const found = await inspect<{ kind: string; variants: Variant[] }>('/args:1.1.1');
        assert.equal(found.kind, 'version');
        assert.deepEqual(
          found.variants.map(({ settings, options }) => `${settings.arch} ${options.max_words}`).sort(),
          ['amd64 256', 'amd64 32', 'arm64 256', 'arm64 32'],
        );
      });

      it('shows a variant, by tag and by digest: metadata, objects, symbols', async () => {
        const { variants } = await inspect<{ variants: Variant[] }>('/args:1.1.1');
        const [variant] = variants;
        assert.ok(variant !== undefined);
        for (const reference of [`:${variant.tag}`, `@${variant.manifest.digest}`]) {
          const found = await inspect<{
            kind: string;
            digest: string;
            config: {
              identity: { name: string };
              objects: { path: string; defined: string[]; undefined: string[] }[];
              headers: { path: string }[];
            };
          }>(`/args${reference}`);
          assert.equal(found.kind, 'variant');
          assert.equal(found.digest, variant.manifest.digest);
          assert.equal(found.config.identity.name, 'args');
          assert.deepEqual(
            found.config.headers.map(({ path }) => path),
            ['include/warren/args.h'],
          );
          assert.ok(found.config.objects[0]?.defined.some((symbol) => symbol.startsWith('args_')));
        }
      });

      it('shows a tooling layer, and its versions', async () => {
        const found = await inspect<{
          kind: string;
          document: { rules: { framework: string; targets: unknown[] } };
        }>('/tooling:1.0.0');
        assert.equal(found.kind, 'tooling');
        assert.equal(found.document.rules.framework, 'warren');
        assert.equal(found.document.rules.targets.length, 3);
        const versions = await inspect<{ kind: string; versions: string[] }>('/tooling');
        assert.deepEqual([versions.kind, versions.versions], ['tooling-versions', ['1.0.0']]);
      });

      it('says what is there where a tag is not', async () => {
        const reference = `${await base()}/args:9.9.9`;
        const error = await bunnyError(['inspect', reference], { store: (await warren()).store });
        assert.deepEqual([error.status, error.code], [1, 'BUNNY_ENOTFOUND']);
        assert.match(String(error.where), /args:9\.9\.9$/);
        assert.match(error.hint ?? '', /1\.1\.1/);
      });

      it('says so where there is nothing', async () => {
        const error = await bunnyError(['inspect', `${await base()}/nothing`], {
          store: (await warren()).store,
        });
        assert.deepEqual([error.status, error.code], [1, 'BUNNY_ENOTFOUND']);
        assert.equal(error.message, 'there is no Bunny artifact here');
      });
    });
  }

  it('prints tables and lists for people', async () => {
    const { registry, store } = await warren();
    const show = async (path: string) =>
      (await bunnyDone(['inspect', `${registry}:${path}`], { store })).stdout;
    const tooling = await show('warren/tooling:1.0.0');
    assert.match(tooling, /^tooling layer of warren 1\.0\.0, ABI warren-1$/m);
    assert.match(tooling, /^targets +amd64\/qemu, arm64\/qemu, amd64\/linuxu$/m);
    assert.match(tooling, /^capability +alloc: .*\(default alloc-buddy\)$/m);
    const version = await show('warren/args:1.1.1');
    assert.match(version, /1\.1\.1 +arch=amd64 +max_words=32/);
    assert.match(await show('warren/time:2.0.0'), / main plat-linuxu\[platform=linuxu\] /);
    const tag = [...(await layoutTags((await warren()).directory)).keys()].find((each) =>
      each.startsWith('warren/time:2.0.0_'),
    );
    const variant = await show(String(tag));
    assert.match(variant, /^warren component time 2\.0\.0$/m);
    assert.match(variant, /^needs +main \^1\.0$/m);
    assert.match(variant, /^header +include\/warren\/time\.h$/m);
    assert.match(variant, /^objects\/src\/time\.c\.o defines .*time_/m);
  });

  it('refuses what is no reference', async () => {
    for (const reference of ['http://host/x', 'host/UPPER', 'oci:']) {
      const error = await bunnyError(['inspect', reference]);
      assert.deepEqual([error.status, error.code], [2, 'BUNNY_EREFERENCE'], reference);
    }
  });
});
