import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pushVariant, readVariantDocuments } from 'bunny-libos-namespace';
import { manifestType, openTarget, packArchive, packManifest, pushBytes } from 'bunny-libos-oci';
import { mediaTypes } from 'bunny-libos-spec';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import {
  copyOfApp,
  copyOfWarren,
  freshStore,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { outputProblems } from './output-schema.js';

interface Output {
  identical: boolean;
  layers: {
    name: string;
    digest: string;
    outcome: string;
    reason?: string;
    published: string;
    built?: string;
    files: { path: string; what: string; sections?: string[] }[];
    metadata: string[];
  }[];
}

describe('bunny rebuild', function () {
  this.timeout(240_000);

  describe('of warren', () => {
    let registry: string;
    let store: string;
    let cwd: string;

    before(async function () {
      this.timeout(warrenTimeout);
      ({ registry } = await copyOfWarren());
      store = await freshStore();
      cwd = await copyOfApp('hello');
      await bunnyDone(['resolve', '--from', registry], { cwd, store });
    });

    it('says of what has no sources that nobody can tell', async () => {
      const { status, stdout, stderr } = await bunny(['rebuild', '--lock', 'bunny.lock', '--json'], {
        cwd,
        store,
      });
      const { identical, layers } = JSON.parse(stdout) as Output;
      assert.equal(status, 1, stderr);
      assert.equal(identical, false);
      for (const { outcome, reason } of layers)
        assert.deepEqual([outcome, reason], ['unknown', 'no sources are attached']);
    });

    it('comes to the same digests for all that a lock pins', async () => {
      const more = ['--allow-commands', '--to', registry, '--with-source'];
      await bunnyDone(['publish', warrenSources, ...more], { cwd, store });
      const { status, stdout, stderr } = await bunny(['rebuild', '--lock', 'bunny.lock', '--json'], {
        cwd,
        store,
      });
      const output = JSON.parse(stdout) as Output;
      assert.deepEqual(outputProblems('rebuild', output), []);
      assert.deepEqual(
        output.layers.filter(({ outcome }) => outcome !== 'identical'),
        [],
      );
      assert.equal(status, 0, stderr);
      assert.ok(output.layers.some(({ name }) => name === 'libc'));
      for (const { published, built } of output.layers) assert.equal(built, published);
    });
  });

  it('comes to the same whether a dependency was published together with a layer or before it', async function () {
    this.timeout(warrenTimeout);
    const { registry } = await copyOfWarren();
    const store = await freshStore();
    const sources = await temporaryDirectory('headers');
    const component = (name: string, more: string) =>
      `framework: warren\nname: ${name}\nversion: 1.0.0\naffectedBy: [arch]\nsources: [a.c]\n${more}\nmatrix: { arch: [amd64] }\n`;
    await writeFiles(sources, {
      'below/component.yaml': component('below', 'include: [include]'),
      'below/a.c': 'int below(void) { return 1; }\n',
      // An object holds where the header is.
      'below/include/below.h': 'static inline const char *below_file(void) { return __FILE__; }\n',
      'above/component.yaml': component('above', 'dependencies: { below: ^1.0 }'),
      'above/a.c': '#include "below.h"\nconst char *above(void) { return below_file(); }\n',
    });
    await bunnyDone(['publish', sources, '--to', registry, '--with-source'], { store });
    const output = await bunnyJson<Output>(['rebuild', `${registry}:warren/above:1.0.0`], { store });
    assert.deepEqual(
      output.layers.map(({ outcome }) => outcome),
      ['identical'],
    );
  });

  describe('of a layer', () => {
    let sources: string;
    let store: string;
    let base: string;
    let place: string;

    before(async () => {
      store = await temporaryDirectory('store');
      sources = await temporaryDirectory('tiny');
      await writeTinyLibos(sources);
    });
    beforeEach(async () => {
      place = await temporaryDirectory('registry');
      base = `oci:${join(place, 'registry')}`;
      await rm(join(sources, '1.0.0'), { recursive: true, force: true });
      await writeTinyVersion(sources, '1.0.0');
    });

    const publish = (...more: string[]) => bunnyDone(['publish', sources, '--to', base, ...more], { store });
    const repository = () => openTarget(`${base}:tiny/one`);
    const tags = async () => (await repository().tags()).filter((tag) => tag.startsWith('1.0.0_')).sort();
    const oneOf = (tag: string) => `${base}:tiny/one:${tag}`;

    it('takes all variants of a version, and packs the same sources to the same bytes', async () => {
      await publish('--with-source');
      await publish('--with-source');
      const output = await bunnyJson<Output>(['rebuild', oneOf('1.0.0')], { store });
      assert.deepEqual(outputProblems('rebuild', output), []);
      assert.deepEqual(
        output.layers.map(({ outcome }) => outcome),
        ['identical', 'identical', 'identical', 'identical'],
      );
      for (const { digest } of output.layers) {
        const subject = await repository().resolve(digest);
        assert.ok(subject !== undefined);
        assert.equal((await repository().referrers(subject, mediaTypes.source)).length, 1);
      }
    });

    it('tells the object and the section that differ', async () => {
      await publish();
      const [tag = ''] = await tags();
      const documents = await readVariantDocuments(repository(), tag);
      assert.ok(documents !== undefined);
      // What its publisher made of other sources than he attaches: one byte of code is another.
      const { config } = documents;
      const [object] = config.objects;
      assert.ok(object !== undefined);
      const content = await readFile(join(sources, `${String(config.identity.settings.arch)}.o`));
      content[0x40] = (content[0x40] ?? 0) ^ 1;
      const forged = `oci:${join(place, 'forged')}`;
      const target = openTarget(`${forged}:tiny/one`);
      await pushVariant(target, config, [{ path: object.path, content }]);
      await bunnyDone(['publish', sources, '--to', forged, '--with-source'], { store });
      const { status, stdout, stderr } = await bunny(['rebuild', `${forged}:tiny/one:${tag}`, '--json'], {
        store,
      });
      assert.equal(status, 5, stderr);
      const output = JSON.parse(stdout) as Output;
      assert.deepEqual(outputProblems('rebuild', output), []);
      const [layer] = output.layers;
      assert.equal(layer?.outcome, 'different');
      assert.notEqual(layer?.built, layer?.published);
      assert.deepEqual(layer?.files, [{ path: object.path, what: 'changed', sections: ['.text'] }]);
      assert.match(stderr, /\.text/);
    });

    it('refuses other sources than those of the layer hash, and passes them over beside the right ones', async () => {
      await publish();
      const [tag = ''] = await tags();
      const found = await repository().resolve(tag);
      assert.ok(found !== undefined);
      const subject = { mediaType: manifestType, digest: found.digest, size: found.size };
      const tree = await Promise.all(
        (await readdir(join(sources, '1.0.0'))).map(async (path) => ({
          path,
          content: await readFile(join(sources, '1.0.0', path)),
        })),
      );
      const attach = async (entries: Parameters<typeof packArchive>[0]) => {
        const { bytes } = await packArchive(entries);
        const layer = await pushBytes(repository(), mediaTypes.sourceLayer, bytes);
        await packManifest(repository(), { artifactType: mediaTypes.source, layers: [layer], subject });
      };
      const endless = {
        mediaType: mediaTypes.sourceLayer,
        digest: `sha256:${'1'.repeat(64)}`,
        size: 2 ** 40,
      };
      await packManifest(repository(), { artifactType: mediaTypes.source, layers: [endless], subject });
      const unread = await bunny(['rebuild', oneOf(tag)], { store });
      assert.equal(unread.status, 1, unread.stderr);
      assert.match(unread.stderr, /no sources are attached/);
      await attach([...tree, { path: 'beside/component.yaml', content: 'framework: tiny\n' }]);
      const beside = await bunnyError(['rebuild', oneOf(tag)], { store });
      assert.equal(beside.code, 'BUNNY_ESOURCE');
      const changed = tree.map((file) =>
        file.path === 'component.yaml'
          ? file
          : { ...file, content: Buffer.concat([file.content, Buffer.from('x')]) },
      );
      await attach(changed);
      await attach([...tree, { path: '.hidden', content: '' }]);
      const { status, stderr } = await bunny(['rebuild', oneOf(tag)], { store });
      assert.equal(status, 4, stderr);
      assert.match(stderr, /BUNNY_ESOURCE/);
      await publish('--with-source');
      await bunnyDone(['rebuild', oneOf(tag)], { store });
    });

    it('is of a reference or of a lock', async () => {
      await writeFile(join(place, 'bunny.lock'), '');
      for (const words of [[], [oneOf('1.0.0'), '--lock', 'bunny.lock'], [oneOf('1.0.0'), '--from', base]]) {
        assert.equal((await bunnyError(['rebuild', ...words], { store, cwd: place })).code, 'BUNNY_EUSAGE');
      }
    });
  });
});
