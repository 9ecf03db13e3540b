import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { frameworkPair, type Pair, toolingText } from 'bunny-libos-testing/frameworks/pair.js';
import { warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';

const main = '#include <say.h>\n#include "more.h"\nint main(void) { say(GREETING); return more(); }\n';

/** What these tests look at of a lock. */
interface LockDocument {
  schema: string;
  framework?: string;
  frameworks: { framework: string; targets: { components: { name: string; from: string }[] }[] }[];
}

/** An app for both: it differs in a source, in a dependency and in a macro. */
const bunnyfile = ({ burrow, hollow }: Pair) => `version: v0.1
name: app
app: { sources: [main.c, plain.c], defines: { GREETING: '"hello"' } }
dependencies: { say: ^1.0 }
frameworks:
  burrow:
    registries: ['${burrow}']
    dependencies: { dig: ^1.0 }
  hollow:
    registries: ['${hollow}']
targets:
  - { framework: hollow, arch: amd64, platform: linuxu }
  - framework: burrow
    arch: amd64
    platform: linuxu
    sources: [main.c, digging.c]
    app: { defines: { GREETING: '"hello, earth"' } }
`;

describe('one Bunnyfile for several frameworks', function () {
  this.timeout(60_000);
  let pair: Pair;
  let store: string;
  let app: string;

  before(async function () {
    this.timeout(warrenTimeout);
    pair = await frameworkPair();
    store = pair.store;
    app = await appFor(bunnyfile(pair));
    await bunnyDone(['resolve'], { cwd: app, store });
  });

  async function appFor(text: string): Promise<string> {
    const directory = await temporaryDirectory('frameworks');
    await writeFiles(directory, {
      Bunnyfile: text,
      'main.c': main,
      'more.h': 'int more(void);\n',
      'plain.c': '#include "more.h"\nint more(void) { return 3; }\n',
      'digging.c': '#include <dig.h>\n#include "more.h"\nint more(void) { return dig(); }\n',
    });
    return directory;
  }

  const lockOf = async (directory: string): Promise<LockDocument> =>
    JSON.parse(await readFile(join(directory, 'bunny.lock'), 'utf8'));

  it('has one lock, with what each framework has in its own registry', async () => {
    const lock = await lockOf(app);
    assert.match(lock.schema, /lock\/v2$/);
    const pinned = lock.frameworks.map(({ framework, targets: [target] }) => [
      framework,
      target?.components.map(({ name }) => name),
      [...new Set(target?.components.map(({ from }) => from))],
    ]);
    assert.deepEqual(pinned, [
      ['burrow', ['dig', 'say', 'start'], [pair.burrow]],
      ['hollow', ['say', 'start'], [pair.hollow]],
    ]);
    const { stdout } = await bunnyDone(['resolve', '--frozen'], { cwd: app, store });
    assert.match(stdout, /hollow\/amd64\/linuxu {2}tooling 1\.0\.0/);
  });

  it('pins for a framework what it would pin for that alone, and writes a lock of one as it always was', async () => {
    const alone = await appFor(`version: v0.1
name: app
platforms: { framework: hollow }
registries: ['${pair.hollow}']
app: { sources: [main.c, plain.c] }
dependencies: { say: ^1.0 }
targets: [amd64/linuxu]
`);
    await bunnyDone(['resolve'], { cwd: alone, store });
    const { schema, ...lock } = await lockOf(alone);
    assert.match(schema, /lock\/v1$/);
    const { frameworks } = await lockOf(app);
    assert.deepEqual(frameworks[1], lock);
  });

  it('builds every target at once, and each says what it is', async () => {
    const { stderr } = await bunnyDone(['build', '--all', '--jobs', '2'], { cwd: app, store });
    assert.match(stderr, /Built build\/app-hollow-amd64-linuxu /);
    assert.match(stderr, /Built build\/app-burrow-amd64-linuxu /);
    const { built } = await bunnyJson<{ built: { framework: string; ran: number }[] }>(['build', '--all'], {
      cwd: app,
      store,
    });
    assert.deepEqual(
      built.map(({ framework, ran }) => [framework, ran]),
      [
        ['hollow', 0],
        ['burrow', 0],
      ],
    );
  });

  it('runs on the first framework, or on the one that is named', async () => {
    const run = async (...words: string[]) => {
      const { status, stdout, stderr } = await bunny(['run', ...words], { cwd: app, store });
      return [status, stdout || stderr];
    };
    assert.deepEqual(await run(), [3, 'hollow: hello\n']);
    assert.deepEqual(await run('--framework', 'burrow'), [7, 'burrow: hello, earth\n']);
  });

  it('goes on with the other targets where one fails, and says which', async () => {
    const broken = await appFor(bunnyfile(pair));
    await edit(join(broken, 'digging.c'), 'dig()', 'dug()');
    const { status, stderr } = await bunny(['build', '--all'], { cwd: broken, store });
    assert.equal(status, 5);
    assert.match(stderr, /Built build\/app-hollow-amd64-linuxu/);
    assert.match(stderr, /burrow\/amd64\/linuxu: /);
    assert.match(stderr, /1 target of 2 could not be built/);
    assert.ok(!existsSync(join(broken, 'build/app-burrow-amd64-linuxu')));
  });

  it('shows each closure by its framework', async () => {
    const { stdout } = await bunnyDone(['tree'], { cwd: app, store });
    assert.match(stdout, /^app hollow\/amd64\/linuxu$/m);
    assert.match(stdout, /^app burrow\/amd64\/linuxu$/m);
    const one = await bunnyDone(['tree', '--framework', 'burrow'], { cwd: app, store });
    assert.doesNotMatch(one.stdout, /hollow/);
    const { stdout: why } = await bunnyDone(['why', 'dig'], { cwd: app, store });
    assert.match(why, /dig in app burrow\/amd64\/linuxu/);
  });

  it('does for all what other commands do for one: fetch, outdated, update, mirror', async () => {
    const empty = await temporaryDirectory('frameworks-store');
    const fetched = await bunnyJson<{ targets: string[] }>(['fetch'], { cwd: app, store: empty });
    assert.deepEqual(fetched.targets, ['hollow/amd64/linuxu', 'burrow/amd64/linuxu']);
    await bunnyDone(['build', '--all', '--frozen', '--offline'], { cwd: app, store: empty });
    const { stderr } = await bunnyDone(['outdated'], { cwd: app, store });
    assert.match(stderr, /Compared 5 components: all are up to date/);
    const before = await readFile(join(app, 'bunny.lock'), 'utf8');
    await bunnyDone(['update'], { cwd: app, store });
    await bunnyDone(['update', 'dig'], { cwd: app, store });
    assert.equal(await readFile(join(app, 'bunny.lock'), 'utf8'), before);
    assert.equal((await bunnyError(['update', 'dug'], { cwd: app, store })).code, 'BUNNY_ENOTFOUND');
    const to = `oci:${await temporaryDirectory('frameworks-mirror')}`;
    await bunnyDone(['mirror', '--to', to], { cwd: app, store });
    const nothing = await temporaryDirectory('frameworks-store');
    await bunnyDone(['build', '--all', '--frozen', '--from', to], { cwd: app, store: nothing });
  });

  it('takes a dependency in and out for all of them', async () => {
    const other = await appFor(bunnyfile(pair).replace('dependencies: { say: ^1.0 }\n', ''));
    await bunnyDone(['add', 'say'], { cwd: other, store });
    assert.match(await readFile(join(other, 'Bunnyfile'), 'utf8'), /^dependencies:\n {2}say: \^1\.0\.0$/m);
    await bunnyDone(['build', '--all', '--frozen'], { cwd: other, store });
    await bunnyDone(['remove', 'say'], { cwd: other, store });
    const { frameworks } = await lockOf(other);
    assert.equal(JSON.stringify(frameworks).includes('"say"'), false);
  });

  it('renews the lock of one framework alone where only that is asked for', async () => {
    const other = await appFor(bunnyfile(pair));
    await bunnyDone(['resolve', '--framework', 'burrow'], { cwd: other, store });
    assert.deepEqual((await lockOf(other)).framework, 'burrow');
    await bunnyDone(['resolve', '--framework', 'hollow'], { cwd: other, store });
    assert.deepEqual(await lockOf(other), await lockOf(app));
    const { code, hint } = await bunnyError(['resolve', '--framework', 'holow'], { cwd: other, store });
    assert.equal(code, 'BUNNY_ETARGET');
    assert.match(hint ?? '', /hollow/);
  });

  it('joins what two branches did to a lock of several frameworks', async () => {
    const other = await appFor(bunnyfile(pair));
    const text = await readFile(join(app, 'bunny.lock'), 'utf8');
    const both = text.replace(
      /( +"request": ".*",\n)/,
      `<<<<<<< ours\n$1=======\n      "request": "sha256:${'0'.repeat(64)}",\n>>>>>>> theirs\n`,
    );
    await writeFile(join(other, 'bunny.lock'), both);
    assert.equal(
      (await bunnyError(['build', '--all', '--frozen'], { cwd: other, store })).code,
      'BUNNY_ELOCKCONFLICT',
    );
    await bunnyDone(['resolve'], { cwd: other, store });
    assert.equal(await readFile(join(other, 'bunny.lock'), 'utf8'), text);
  });

  it('goes from one framework to two and back without a word about another Bunnyfile', async () => {
    const text = bunnyfile(pair);
    const other = await appFor(text);
    await bunnyDone(['resolve'], { cwd: other, store });
    const alone = text
      .replace(/ {2}- framework: burrow\n(?: {4}.*\n)+/, '')
      .replace(/ {2}burrow:\n(?: {4}.*\n)+/, '');
    await writeFile(join(other, 'Bunnyfile'), alone);
    await bunnyDone(['build', '--frozen'], { cwd: other, store });
    await rm(join(other, 'bunny.lock'));
    await bunnyDone(['build'], { cwd: other, store });
    assert.match((await lockOf(other)).schema, /lock\/v1$/);
    assert.ok(existsSync(join(other, 'build/app-amd64-linuxu')));
    await writeFile(join(other, 'Bunnyfile'), text);
    await bunnyDone(['resolve'], { cwd: other, store });
    assert.deepEqual(await lockOf(other), await lockOf(app));
  });

  describe('says what is wrong', () => {
    const refused = async (text: string, ...words: string[]) => {
      const directory = await appFor(text);
      return await bunnyError(words.length === 0 ? ['resolve'] : words, { cwd: directory, store });
    };

    it('with a framework that no registry has', async () => {
      const text = bunnyfile(pair).replaceAll('hollow', 'hole').replace(`registry-hole`, 'registry-hollow');
      const { code, message, where } = await refused(text);
      assert.equal(code, 'BUNNY_ENOTFOUND');
      assert.equal(message, 'no registry has the framework hole');
      assert.equal((where as { line: number }).line, 12);
    });

    it('with an app that a framework lacks components for', async () => {
      const text = bunnyfile(pair).replace('{ say: ^1.0 }', '{ say: ^1.0, dig: ^1.0 }');
      const { code, message, hint, where } = await refused(text);
      assert.equal(code, 'BUNNY_ENOSOLUTION');
      assert.equal(message, 'hollow lacks what the app asks for: dig');
      assert.match(hint ?? '', /frameworks\.NAME\.dependencies/);
      assert.equal((where as { line: number }).line, 4);
    });

    it('with two frameworks that have one name, in two registries', async () => {
      const directory = await temporaryDirectory('frameworks-namesake');
      const { directory: root } = await warren();
      await writeFiles(directory, {
        'tooling.yaml': toolingText('burrow', root).replace('abi: burrow-1', 'abi: mole-4'),
        'grub/component.yaml':
          'framework: burrow\nname: grub\nversion: 1.0.0\nsources: [grub.c]\naffectedBy: [arch]\nmatrix: { arch: [amd64] }\n',
        'grub/grub.c': 'int grub(void) { return 1; }\n',
      });
      const other = `oci:${await temporaryDirectory('frameworks-namesakes')}`;
      await bunnyDone(['publish', directory, '--to', other], { store });
      const text = bunnyfile(pair)
        .replace(`['${pair.burrow}']`, `['${pair.burrow}', '${other}']`)
        .replace('{ dig: ^1.0 }', '{ dig: ^1.0, grub: ^1.0 }');
      const { code, details, hint } = await refused(text);
      assert.equal(code, 'BUNNY_ENOSOLUTION');
      assert.ok(
        details?.includes(
          `${other} has another framework of this name: burrow with the ABI mole-4, not burrow-1`,
        ),
        details?.join('\n'),
      );
      assert.match(hint ?? '', /frameworks\.burrow\.registries/);
    });

    it('with --all and a place for one image', async () => {
      const { code } = await refused(bunnyfile(pair), 'build', '--all', '-o', 'image');
      assert.equal(code, 'BUNNY_EUSAGE');
    });
  });

  it('is written by bunny init for all that are named, and boots on each', async () => {
    const place = join(await temporaryDirectory('frameworks-init'), 'first');
    const from = ['--from', pair.hollow, '--from', pair.burrow];
    await bunnyDone(['init', place, '--framework', 'burrow', '--framework', 'hollow', ...from], { store });
    for (const framework of ['burrow', 'hollow']) {
      const { stdout } = await bunnyDone(['run', '--framework', framework], { cwd: place, store });
      assert.equal(stdout, `${framework}: first\n`);
    }
    const text = await readFile(join(place, 'Bunnyfile'), 'utf8');
    assert.match(text, /^ {2}- \{ framework: hollow, arch: amd64, platform: linuxu \}$/m);
    assert.doesNotMatch(text, /^platforms/m);
  });

  describe('a component that both share', () => {
    const shared = (more = '') => `frameworks: [burrow, hollow]
name: shout
version: 1.0.0
dependencies: { say: ^1.0, deep: { version: ^1.0, when: { depth: true } } }
affectedBy: [arch, depth]
sources: [shout.c, { files: deep.c, when: { depth: true } }]
include: [include]
matrix: { arch: [amd64], depth: [true] }
${more}`;
    const files = {
      'shout.c':
        '#include <say.h>\n#include <shout.h>\nvoid shout(const char *text) { say(text); say(text); }\n',
      'deep.c': '#error none has depth\n',
      'include/shout.h': 'void shout(const char *text);\n',
    };

    it('is compiled by each from one directory, and is a component of each', async () => {
      const directory = await temporaryDirectory('frameworks-shared');
      await writeFiles(directory, { 'component.yaml': shared(), ...files });
      const hashes = new Set<string>();
      for (const [framework, to] of Object.entries({ burrow: pair.burrow, hollow: pair.hollow })) {
        const { stderr } = await bunnyDone(['publish', directory, '--framework', framework, '--to', to], {
          store,
        });
        assert.match(stderr, /1 variant/);
        const { variants } = await bunnyJson<{ variants: { layerHash: string; settings: object }[] }>(
          ['inspect', `${to}:${framework}/shout:1.0.0`],
          { store },
        );
        assert.deepEqual(
          variants.map(({ settings }) => settings),
          [{ arch: 'amd64' }],
        );
        for (const { layerHash } of variants) hashes.add(layerHash);
      }
      assert.equal(hashes.size, 2);
      const other = await appFor(bunnyfile(pair).replace('{ say: ^1.0 }', '{ shout: ^1.0 }'));
      await edit(join(other, 'main.c'), 'say.h', 'shout.h');
      await edit(join(other, 'main.c'), 'say(', 'shout(');
      const { stdout } = await bunny(['run'], { cwd: other, store });
      assert.equal(stdout, 'hollow: hello\nhollow: hello\n');
    });

    it('says which framework is not there, and what is wrong with its document', async () => {
      const directory = await temporaryDirectory('frameworks-shared');
      await writeFiles(directory, { 'component.yaml': shared(), ...files });
      const missing = await bunnyError(['publish', directory, '--to', pair.burrow], { store });
      assert.equal(missing.code, 'BUNNY_ENOTFOUND');
      assert.match(missing.message, /hollow has no tooling layer/);
      assert.match(missing.hint ?? '', /--framework/);
      const unknown = await bunnyError(['publish', directory, '--framework', 'hole', '--to', pair.burrow], {
        store,
      });
      assert.equal(unknown.code, 'BUNNY_ENOTHING');
      await writeFiles(directory, { 'component.yaml': shared('framework: burrow\n') });
      const both = await bunnyError(['publish', directory, '--to', pair.burrow], { store });
      assert.match(both.message, /`frameworks` replaces `framework`/);
    });
  });
});
