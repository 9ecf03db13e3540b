import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { componentYaml, edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  copyOfApp,
  copyOfWarren,
  warren,
  warrenSources,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { layoutTags, removeTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Search {
  results: { framework: string; name: string; version: string; options?: object; settings?: object }[];
  near: string[];
}

/** Catalog entries of a layout: component -> digest of the manifest. */
async function entries(directory: string): Promise<Map<string, string>> {
  const prefix = 'warren/catalog:';
  const tags = [...(await layoutTags(directory))].filter(([name]) => name.startsWith(prefix));
  return new Map(tags.map(([name, digest]) => [name.slice(prefix.length), digest]));
}

describe('the catalog', function () {
  this.timeout(60_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  const search = async (
    words: readonly string[],
    registry?: string,
  ): Promise<Search & { status: number }> => {
    const { registry: usual, store } = await warren();
    const from = ['--from', registry ?? usual, '--json'];
    const { status, stdout } = await bunny(['search', ...words, ...from], { store });
    return { status, ...(JSON.parse(stdout) as Search) };
  };
  const found = async (words: readonly string[], registry?: string) =>
    (await search(words, registry)).results.map(({ name, version }) => `${name} ${version}`);

  describe('after publishing', () => {
    it('has an entry for each component, the same as one that is derived anew', async () => {
      const { directory, registry, store } = await copyOfWarren();
      const published = await entries(directory);
      const names = [...(await layoutTags(directory)).keys()]
        .filter((name) => /_[0-9a-f]{16}$/.test(name))
        .map((name) => name.slice('warren/'.length, name.indexOf(':')));
      assert.deepEqual([...published.keys()].sort(), [...new Set(names)].sort());

      const { components } = await bunnyJson<{ components: string[] }>(
        ['catalog', 'rebuild', `${registry}:warren`],
        { store },
      );
      assert.deepEqual(components, [...published.keys()].sort());
      assert.deepEqual(await entries(directory), published);
    });

    it('gets back what it lacks at the next publication, though nothing is pushed', async () => {
      const { directory, registry, store } = await copyOfWarren();
      const before = await entries(directory);
      await removeTags(directory, ['warren/catalog:libc', 'warren/catalog:time']);
      await bunnyDone(['publish', warrenSources, '--allow-commands', '--to', registry], { store });
      assert.deepEqual(await entries(directory), before);
    });

    it('loses entries of components that are gone when it is rebuilt', async () => {
      const { directory, registry, store } = await copyOfWarren();
      const tags = [...(await layoutTags(directory)).keys()];
      await removeTags(
        directory,
        tags.filter((name) => name.startsWith('warren/leakcheck:')),
      );
      const { removed } = await bunnyJson<{ removed: string[] }>(
        ['catalog', 'rebuild', `${registry}:warren`],
        { store },
      );
      assert.deepEqual(removed, ['leakcheck']);
      assert.equal((await entries(directory)).has('leakcheck'), false);
    });
  });

  it('takes note of a version that is yanked, and restored', async () => {
    const { directory, registry, store } = await copyOfWarren();
    const before = await entries(directory);
    const yank = (...words: string[]) =>
      bunnyDone(['yank', `${registry}:warren/sched-coop`, '1.1.0', ...words], { store });
    await yank();
    assert.deepEqual(await found(['sched'], registry), ['sched-coop 1.0.0']);
    assert.deepEqual(await found(['--symbol', 'thread_yield'], registry), ['sched-coop 1.0.0']);
    const after = await entries(directory);
    assert.notEqual(after.get('sched-coop'), before.get('sched-coop'));
    await bunnyDone(['catalog', 'rebuild', `${registry}:warren`], { store });
    assert.deepEqual(await entries(directory), after, 'the same as one that is derived anew');
    await yank('--undo');
    assert.deepEqual(await entries(directory), before);

    await removeTags(
      directory,
      [...before.keys()].map((name) => `warren/catalog:${name}`),
    );
    await yank();
    assert.deepEqual([...(await entries(directory)).keys()], [], 'one that lacks all others is not begun');
  });

  it('is made only where there is something to make it of', async () => {
    const { registry, store } = await warren();
    const refused = async (...words: string[]) => {
      const { code, status } = await bunnyError(words, { store });
      return [code, status];
    };
    assert.deepEqual(await refused('catalog', 'rebuild', `${registry}:nope`), ['BUNNY_ENOTFOUND', 1]);
    assert.deepEqual(await refused('catalog', 'rebuild', `${registry}:warren:1.0.0`), [
      'BUNNY_EREFERENCE',
      2,
    ]);
    assert.deepEqual(await refused('index', 'rebuild', `${registry}:warren/nope`), ['BUNNY_ENOTFOUND', 1]);
    assert.deepEqual(await refused('index', 'rebuild', `${registry}:warren/libc:1.0.0`), [
      'BUNNY_EREFERENCE',
      2,
    ]);
  });

  it('holds the work of publishers that write at the same time', async function () {
    this.timeout(120_000);
    const server = await startDockerRegistry();
    try {
      const { store } = await warren();
      const to = `${server.host}/libos`;
      const tooling = join(warrenSources, 'tooling');
      await bunnyDone(['publish', tooling, '--allow-commands', '--to', to], { store, env: process.env });
      const versions = ['1.0.0', '1.1.0', '2.0.0'];
      await Promise.all(
        versions.map(async (version) => {
          const directory = await temporaryDirectory('component');
          const symbol = `burrow_${version.replaceAll('.', '_')}`;
          await writeFiles(directory, {
            'component.yaml': componentYaml('burrow', [], version),
            'include/burrow.h': `int ${symbol}(void);\n`,
            'src/burrow.c': `int ${symbol}(void) { return 1; }\n`,
          });
          await bunnyDone(['publish', directory, '--to', to], { store });
        }),
      );
      const { results } = await search(['burrow'], to);
      assert.deepEqual(
        results.map((each) => (each as unknown as { versions: string[] }).versions),
        [['2.0.0', '1.1.0', '1.0.0']],
      );
      // Of compatible versions, the newest one's symbols are kept.
      assert.deepEqual(await found(['--symbol', 'burrow_1_1_0'], to), ['burrow 1.1.0']);
      assert.deepEqual(await found(['--symbol', 'burrow_1_0_0'], to), []);
      assert.deepEqual(await found(['--symbol', 'burrow_2_0_0'], to), ['burrow 2.0.0']);
      const updated = await bunnyJson(['catalog', 'rebuild', `${to}/warren`], { store });
      assert.deepEqual(updated, {
        framework: 'warren',
        from: to,
        components: ['burrow'],
        removed: [],
        left: [],
      });
    } finally {
      await server.stop();
    }
  });

  describe('bunny search', () => {
    it('finds components by name, capability, header and description', async () => {
      assert.deepEqual(await found(['sched']), ['sched-coop 1.1.0']);
      assert.deepEqual(await found(['PL011']), ['console 1.0.0']);
      assert.deepEqual((await found(['alloc'])).slice(0, 2), ['alloc-buddy 1.1.0', 'alloc-bump 1.0.1']);
      assert.equal((await found([])).length, (await entries((await warren()).directory)).size);
    });

    it('finds them by a header', async () => {
      assert.deepEqual(await found(['--header', 'dirent.h']), ['initrd 1.1.0']);
      assert.deepEqual(await found(['--header', 'warren/alloc.h']), [
        'alloc-buddy 1.1.0',
        'alloc-bump 1.0.1',
      ]);
    });

    it('finds them by a symbol, and says with which options or settings', async () => {
      const { results } = await search(['--symbol', 'thread_sleep']);
      assert.equal(results.length, 1);
      assert.equal(results[0]?.name, 'sched-coop');
      assert.deepEqual(results[0]?.options, { sleep: true });
      const { store, registry } = await warren();
      const { stdout } = await bunnyDone(['search', '--symbol', 'thread_sleep', '--from', registry], {
        store,
      });
      assert.match(stdout, /^COMPONENT +VERSION +DEFINES IT\nsched-coop +1\.1\.0 +with sleep=true\n$/);
    });

    it('ends with status 1 where there is nothing, and says what is near', async () => {
      const cases: [string[], string][] = [
        [['libcc'], 'libc'],
        [['--symbol', 'thread_slep'], 'thread_sleep'],
        [['--header', 'sched.h'], 'warren/sched.h'],
      ];
      for (const [words, near] of cases) {
        const answer = await search(words);
        assert.equal(answer.status, 1);
        assert.deepEqual(answer.results, []);
        assert.equal(answer.near[0], near);
      }
    });

    it('takes the framework from the Bunnyfile that is there', async () => {
      const { registry, store } = await warren();
      const app = await copyOfApp('hello');
      const { results } = await bunnyJson<Search>(['search', 'libc', '--from', registry], {
        store,
        cwd: app,
      });
      assert.deepEqual(
        results.map(({ framework, name }) => `${framework}/${name}`),
        ['warren/libc'],
      );
    });

    it('says so where nobody can be asked, and where a framework has nothing', async () => {
      const { registry, store } = await warren();
      const nowhere = await bunnyError(['search', 'libc'], { store, cwd: await copyOfApp('hello') });
      assert.deepEqual([nowhere.status, nowhere.message], [2, 'no registry is named']);
      const words = ['search', 'libc', '--framework', 'burrow', '--from', registry];
      const unknown = await bunnyError(words, { store });
      assert.deepEqual(
        [unknown.status, unknown.code, unknown.message],
        [1, 'BUNNY_ENOTFOUND', 'nothing is published for burrow'],
      );
    });

    it('takes one of a word, a header and a symbol', async () => {
      const error = await bunnyError(['search', 'alloc', '--symbol', 'malloc']);
      assert.deepEqual([error.code, error.message], ['BUNNY_EUSAGE', 'WORD and --symbol exclude each other']);
      const empty = await bunnyError(['search', '--symbol', '']);
      assert.deepEqual([empty.code, empty.status], ['BUNNY_EUSAGE', 2]);
    });

    it('shows a pre-release only where there is nothing else', async () => {
      const { registry, store } = await copyOfWarren();
      const cwd = await temporaryDirectory('components');
      const versions = { early: '1.0.0-rc.1', late: '0.9.0' };
      for (const [place, version] of Object.entries(versions)) {
        await writeFiles(join(cwd, place), {
          'component.yaml': componentYaml('ahead', [], version),
          'include/.keep': '',
          'src/code.c': 'int ahead;\n',
        });
        await bunnyDone(['publish', place, '--to', registry], { cwd, store });
        assert.deepEqual(await found(['ahead'], registry), [`ahead ${version}`]);
      }
    });

    it('does without a catalog, and without an entry that cannot be read', async () => {
      const { directory, registry, store } = await copyOfWarren();
      const file = join(directory, 'index.json');
      const tags = await layoutTags(directory);
      // The entry of initrd becomes another artifact.
      const text = await readFile(file, 'utf8');
      const component = [...tags].find(([name]) => name.startsWith('warren/initrd:1.1.0_'))?.[1] ?? '';
      await writeFile(file, text.replaceAll(tags.get('warren/catalog:initrd') ?? '?', component));
      assert.deepEqual(await found(['--header', 'dirent.h'], registry), ['initrd 1.1.0']);

      const catalog = [...tags.keys()].filter((name) => name.startsWith('warren/catalog:'));
      await removeTags(directory, catalog);
      assert.deepEqual(await found(['--symbol', 'thread_sleep'], registry), ['sched-coop 1.1.0']);
      await bunnyDone(['catalog', 'rebuild', `${registry}:warren`], { store });
      assert.equal((await entries(directory)).size, catalog.length);
    });

    it('wants to know which framework where the reference does not tell', async () => {
      const empty = `oci:${await temporaryDirectory('layout')}`;
      const error = await bunnyError(['search', 'libc', '--from', empty]);
      assert.deepEqual([error.code, error.status], ['BUNNY_ENOFRAMEWORK', 2]);
    });
  });

  it('is shown by bunny inspect', async () => {
    const { registry, store } = await warren();
    const inspect = async (path: string) =>
      (await bunnyDone(['inspect', `${registry}:${path}`], { store })).stdout;
    assert.match(await inspect('warren/catalog'), /^initrd$/m);
    const entry = await inspect('warren/catalog:sched-coop');
    assert.match(entry, /^catalog entry of warren component sched-coop$/m);
    assert.match(entry, /^1\.1\.0 {2}6 variants, provides sched=1\.1\.0\n {2}headers {2}warren\/sched\.h$/m);
  });

  it('tells a misspelt dependency from all that there is', async () => {
    const { registry, store } = await warren();
    const app = await copyOfApp('hello');
    await edit(join(app, 'Bunnyfile'), 'libc: ^1.0', 'initd: ^1.0');
    const error = await bunnyError(['resolve', '--from', registry], { store, cwd: app });
    assert.deepEqual([error.code, error.status], ['BUNNY_ENOSOLUTION', 1]);
    assert.match(error.details.join('\n'), /initd; did you mean initrd\?/);
  });
});
