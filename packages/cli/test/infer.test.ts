import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { componentYaml, edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import {
  appSources,
  copyOfApp,
  copyOfWarren,
  type Warren,
  warren,
  warrenTimeout,
} from 'bunny-libos-testing/frameworks/warren.js';

interface Resolved {
  targets: { arch: string; platform: string; components: { name: string; layerHash: string }[] }[];
}

interface Added {
  requirements: { name: string; version: string; headers: string[]; symbols: string[] }[];
  written: boolean;
}

/** A Bunnyfile's dependencies, in either form of a map. */
const section = /^dependencies:(?: \{.*\}\n|\n(?: {2}.*\n)+)/m;

function closures({ targets }: Resolved): unknown {
  return targets.map(({ arch, platform, components }) => [
    arch,
    platform,
    components.map(({ name, layerHash }) => `${name} ${layerHash}`),
  ]);
}

describe('the inference of dependencies', function () {
  this.timeout(120_000);
  let place: Warren;
  before(async function () {
    this.timeout(warrenTimeout);
    place = await warren();
  });

  const from = () => ['--from', place.registry];

  /** An app for amd64/linuxu with these files, whose Bunnyfile has these lines. */
  async function app(files: Record<string, string>, lines = 'dependencies: auto\n'): Promise<string> {
    const directory = await temporaryDirectory('app');
    const head = 'version: v0.1\nname: app\nplatforms: { framework: warren }\n';
    await writeFiles(directory, { Bunnyfile: `${head}targets: [amd64/linuxu]\n${lines}`, ...files });
    return directory;
  }
  const add = (cwd: string, ...words: string[]) =>
    bunnyJson<Added>(['add', '--auto', ...from(), ...words], { cwd, store: place.store });
  const ranges = ({ requirements }: Added) => requirements.map(({ name, version }) => `${name}: ${version}`);

  for (const name of readdirSync(appSources)) {
    it(`gives back the closure of ${name} after its dependencies were deleted`, async () => {
      const options = { cwd: await copyOfApp(name), store: place.store };
      const file = join(options.cwd, 'Bunnyfile');
      const wanted = await bunnyJson<Resolved>(['resolve', ...from()], options);
      const text = await readFile(file, 'utf8');
      assert.match(text, section);

      await writeFile(file, text.replace(section, 'dependencies: auto\n'));
      await rm(join(options.cwd, 'bunny.lock'));
      assert.deepEqual(
        closures(await bunnyJson<Resolved>(['resolve', ...from()], options)),
        closures(wanted),
      );
      const written = await readFile(file, 'utf8');
      assert.doesNotMatch(written, /auto$/m);
      assert.equal(
        written.replace(section, ''),
        text.replace(section, ''),
        'every other line of the Bunnyfile stays',
      );
    });
  }

  it('writes them, too, where the Bunnyfile has no such section', async () => {
    const options = { cwd: await copyOfApp('hello'), store: place.store };
    const file = join(options.cwd, 'Bunnyfile');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(section, ''));
    await bunnyDone(['add', '--auto', ...from()], options);
    assert.equal(await readFile(file, 'utf8'), `${text.replace(section, '')}dependencies:\n  libc: ^1.0.0\n`);
  });

  it('respects the conditions of the preprocessor, those too that depend on headers', async () => {
    const cwd = await app({
      'main.c': [
        '#include <stdio.h>',
        '#ifdef __aarch64__',
        '#include <warren/time.h>',
        '#endif',
        '#ifndef EOF',
        '#include <warren/sched.h>',
        '#endif',
        'int main(void) { return puts("x") == EOF; }\n',
      ].join('\n'),
    });
    assert.deepEqual(ranges(await add(cwd)), ['libc: ^1.0.0']);
  });

  it('goes by symbols where no header tells, and by the version that defines them', async () => {
    const declared = await app({
      'main.c': 'void thread_yield(void);\nint main(void) { thread_yield(); return 0; }\n',
    });
    const { requirements } = await add(declared);
    assert.deepEqual(requirements, [
      { name: 'sched', version: '^1.1.0', headers: [], symbols: ['thread_yield'] },
    ]);
    const older = await app({
      'main.c': 'unsigned long time_us(void);\nint main(void) { return (int)time_us(); }\n',
    });
    assert.deepEqual(ranges(await add(older)), ['time: ^1.0.0']);
  });

  it('does not ask for a version that is yanked', async () => {
    const { registry, store } = await copyOfWarren();
    const cwd = await app({
      'main.c': 'void thread_yield(void);\nint main(void) { thread_yield(); return 0; }\n',
    });
    await bunnyDone(['yank', `${registry}:warren/sched-coop`, '1.1.0'], { store });
    const added = await bunnyJson<Added>(['add', '--auto', '--from', registry], { cwd, store });
    assert.deepEqual(ranges(added), ['sched: ^1.0.0']);
  });

  it('says so where the catalog does not know yet that a version is yanked, and how to renew it', async () => {
    const copy = await copyOfWarren();
    const cwd = await app({ 'main.c': '#include <warren/time.h>\nint main(void) { return 0; }\n' });
    const index = join(copy.directory, 'index.json');
    const isCatalog = (manifest: { annotations?: Record<string, string> }) =>
      manifest.annotations?.['org.opencontainers.image.ref.name'] === 'warren/catalog:time';
    const read = async () => JSON.parse(await readFile(index, 'utf8')) as { manifests: object[] };
    const before = (await read()).manifests.filter(isCatalog);
    for (const version of ['1.0.0', '2.0.0']) {
      await bunnyDone(['yank', `${copy.registry}:warren/time`, version], { store: copy.store });
    }
    const after = await read();
    const manifests = [...after.manifests.filter((each) => !isCatalog(each)), ...before];
    await writeFile(index, JSON.stringify({ ...after, manifests }));
    const words = ['add', '--auto', '--from', copy.registry];
    const { code, details, hint } = await bunnyError(words, { cwd, store: copy.store });
    assert.equal(code, 'BUNNY_ENOSOLUTION');
    assert.match(details.at(-1) ?? '', /^the catalog does not know yet that time 2\.0\.0/);
    const [, renew = ''] = /^renew the catalog: `bunny (.*)`$/m.exec(hint ?? '') ?? [];
    await bunnyDone(renew.split(' '), { cwd, store: copy.store });
    const renewed = await bunnyError(words, { cwd, store: copy.store });
    assert.equal(renewed.code, 'BUNNY_EINFER');
  });

  it('keeps what the Bunnyfile names, with its comments', async () => {
    const cwd = await app(
      { 'main.c': '#include <stdio.h>\n#include <warren/time.h>\nint main(void) { return puts("x"); }\n' },
      'dependencies: # mine\n  libc: ~1.0.0 # no newer\n',
    );
    assert.deepEqual(ranges(await add(cwd)), ['time: ^2.0.0']);
    const text = await readFile(join(cwd, 'Bunnyfile'), 'utf8');
    assert.ok(text.endsWith('dependencies: # mine\n  libc: ~1.0.0 # no newer\n  time: ^2.0.0\n'), text);
  });

  it('shows what it would write with --dry-run', async () => {
    const cwd = await app({ 'main.c': '#include <stdio.h>\nint main(void) { return puts("x"); }\n' });
    const before = await readFile(join(cwd, 'Bunnyfile'), 'utf8');
    const { written, requirements } = await add(cwd, '--dry-run');
    assert.deepEqual([written, requirements.length], [false, 1]);
    assert.equal(await readFile(join(cwd, 'Bunnyfile'), 'utf8'), before);
  });

  describe('asks instead of guessing', () => {
    const fails = (cwd: string, registry = place.registry) =>
      bunnyError(['add', '--auto', '--from', registry], { cwd, store: place.store });

    it('where several components have a header', async () => {
      const copy = await copyOfWarren();
      for (const name of ['mail', 'post']) {
        const directory = await temporaryDirectory(name);
        await writeFiles(directory, {
          'component.yaml': componentYaml(name),
          'include/letter.h': 'int letter(void);\n',
          [`src/${name}.c`]: 'int letter(void) { return 1; }\n',
        });
        await bunnyDone(['publish', directory, '--to', copy.registry], { store: copy.store });
      }
      const cwd = await app({ 'main.c': '#include <letter.h>\nint main(void) { return letter(); }\n' });
      const error = await fails(cwd, copy.registry);
      assert.deepEqual([error.code, error.status], ['BUNNY_EINFER', 1]);
      assert.deepEqual(error.details, ['the header letter.h is in mail 1.0.0 or post 1.0.0']);

      await edit(join(cwd, 'Bunnyfile'), 'dependencies: auto', 'dependencies: { post: ^1.0 }');
      const { requirements } = await bunnyJson<Added>(['add', '--auto', '--from', copy.registry], {
        cwd,
        store: place.store,
      });
      assert.deepEqual(requirements, []);
    });

    it('where nothing published has a header or a symbol, and says what is near', async () => {
      const header = await fails(
        await app({ 'main.c': '#include <stdoi.h>\nint main(void) { return 0; }\n' }),
      );
      assert.match(header.details[0] ?? '', /the header stdoi\.h; did you mean stdio\.h/);
      const symbol = await fails(
        await app({ 'main.c': 'void thread_yeild(void);\nint main(void) { thread_yeild(); return 0; }\n' }),
      );
      assert.match(symbol.details[0] ?? '', /the symbol thread_yeild; did you mean thread_yield/);
    });

    it('where a symbol takes an option that nobody chose', async () => {
      const cwd = await app(
        { 'main.c': 'void thread_sleep(long);\nint main(void) { thread_sleep(1); return 0; }\n' },
        'dependencies: auto\noptions: { sched-coop: { sleep: false } }\n',
      );
      const error = await fails(cwd);
      assert.deepEqual(error.details, ['the symbol thread_sleep is in sched-coop 1.1.0 with sleep=true']);
    });
  });

  it('leaves nothing to guess to a lock: --frozen and --offline want it written out', async () => {
    const cwd = await app({ 'main.c': 'int main(void) { return 0; }\n' });
    for (const flag of ['--frozen', '--offline']) {
      const error = await bunnyError(['resolve', ...from(), flag], { cwd, store: place.store });
      assert.equal(error.code, 'BUNNY_EINFER');
      assert.match(error.hint ?? '', /bunny add --auto/);
    }
  });

  it('passes on what the compiler says', async () => {
    const cwd = await app({ 'main.c': 'int main(void) { return 1 +; }\n' });
    const error = await bunnyError(['add', '--auto', ...from()], { cwd, store: place.store });
    assert.equal(error.code, 'BUNNY_ECOMPILE');
    assert.match(error.details.join('\n'), /main\.c:1:28: error/);
  });
});
