import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { componentYaml, edit, writeFiles } from 'bunny-libos-testing/files/documents.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren, type Warren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { layoutTags } from 'bunny-libos-testing/registries/layout-tags.js';

interface Report {
  before: { component: string; version: string };
  after: { component: string; version: string };
  claimsCompatible: boolean;
  breaking: boolean;
  variants: {
    added: string[];
    removed: string[];
    users: { symbol: string; component: string; version: string }[];
  }[];
}

/** The directory of a component `pipe` that defines these symbols. */
async function pipe(version: string, symbols: readonly string[]): Promise<string> {
  const directory = await temporaryDirectory('pipe');
  await writeFiles(directory, {
    'component.yaml': componentYaml('pipe', ['provides: { stream: 1.0.0 }'], version),
    'include/pipe.h': symbols.map((symbol) => `int ${symbol}(void);\n`).join(''),
    'src/pipe.c': symbols.map((symbol) => `int ${symbol}(void) { return 1; }\n`).join(''),
  });
  return directory;
}

/** The directory of a component that calls `pipe_close`. */
async function shell(version: string, range: string): Promise<string> {
  const directory = await temporaryDirectory('shell');
  await writeFiles(directory, {
    'component.yaml': componentYaml('shell', [`dependencies: { pipe: ${range} }`], version),
    'include/shell.h': 'int shell(void);\n',
    'src/shell.c': '#include <pipe.h>\nint shell(void) { return pipe_close(); }\n',
  });
  return directory;
}

describe('compatibility of versions, by their symbols', function () {
  this.timeout(60_000);
  let place: Warren;
  const publish = async (...directories: string[]) =>
    await bunnyDone(['publish', ...directories, '--to', place.registry], { store: place.store });
  const reference = (version: string) => `${place.registry}:warren/pipe:${version}`;

  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });
  beforeEach(async () => {
    place = await copyOfWarren();
    await publish(
      await pipe('1.0.0', ['pipe_open', 'pipe_close', 'pipe_peek']),
      await shell('1.0.0', '^1.0'),
    );
  });

  it('refuses a version that calls itself compatible and lacks what dependents use', async () => {
    const directory = await pipe('1.1.0', ['pipe_open']);
    const words = ['publish', directory, '--to', place.registry];
    const error = await bunnyError(words, { store: place.store });
    assert.deepEqual([error.code, error.status], ['BUNNY_EBREAKING', 1]);
    assert.equal(
      error.message,
      'pipe 1.1.0 lacks pipe_close of 1.0.0, which it claims to be compatible with',
    );
    assert.deepEqual(error.details, ['pipe 1.1.0 (amd64): pipe_close is gone, used by shell 1.0.0']);
    assert.match(error.hint ?? '', /publish it as 2\.0\.0/);
    assert.match(JSON.stringify(error.where), /component\.yaml/);
    const tags = await layoutTags(place.directory);
    assert.deepEqual(
      [...tags.keys()].filter((name) => name.startsWith('warren/pipe:1.1.0')),
      [],
    );
  });

  it('lets go with a warning what no published component uses, and what claims no compatibility', async () => {
    const { stderr } = await publish(await pipe('1.1.0', ['pipe_open', 'pipe_close']));
    assert.match(
      stderr,
      /^warning: pipe 1\.1\.0: pipe_peek of 1\.0\.0 is gone: no published component uses it, but apps may$/m,
    );
    const next = await publish(await pipe('2.0.0', ['pipe_open']));
    assert.doesNotMatch(next.stderr, /warning/);
  });

  it('is what an app is told that uses what is gone', async () => {
    await publish(await pipe('1.1.0', ['pipe_open', 'pipe_close']));
    await publish(await pipe('1.2.0', ['pipe_open', 'pipe_close', 'pipe_more']));
    const app = await temporaryDirectory('app');
    await writeFiles(app, {
      Bunnyfile: [
        'version: v0.1',
        'name: app',
        'platforms: { framework: warren, monitor: linuxu, architecture: amd64 }',
        'dependencies: { libc: ^1.0, pipe: ^1.0 }',
        '',
      ].join('\n'),
      'main.c': 'int pipe_peek(void);\nint main(void) { return pipe_peek(); }\n',
    });
    const words = ['build', '--from', place.registry];
    const error = await bunnyError(words, { cwd: app, store: place.store });
    assert.equal(error.code, 'BUNNY_EUNDEFINED');
    assert.equal(
      error.hint,
      'pipe 1.0.0 had it, 1.2.0 no longer has it: do without it, or ask for `pipe: 1.0.0`',
    );
  });

  it('compares versions that are published in one run', async () => {
    const words = ['publish', await pipe('1.1.0', ['pipe_close']), await pipe('1.2.0', [])];
    const error = await bunnyError([...words, '--to', place.registry], { store: place.store });
    assert.equal(error.code, 'BUNNY_EBREAKING');
    assert.match(error.message, /^pipe 1\.2\.0 lacks pipe_close of 1\.1\.0/);
  });

  it('compares with the newest version that has the configuration', async () => {
    const other = await pipe('1.1.0', ['pipe_open', 'pipe_close']);
    await edit(join(other, 'component.yaml'), 'arch: [amd64]', 'arch: [arm64]');
    await publish(other);
    const words = ['publish', await pipe('1.2.0', ['pipe_open']), '--to', place.registry];
    const error = await bunnyError(words, { store: place.store });
    assert.equal(error.code, 'BUNNY_EBREAKING');
    assert.match(error.message, /^pipe 1\.2\.0 lacks pipe_close of 1\.0\.0/);
  });

  it('counts a dependent only where its range takes the new version', async () => {
    const other = await copyOfWarren();
    const to = ['--to', other.registry];
    const directories = [await pipe('1.0.0', ['pipe_close']), await shell('1.0.0', '~1.0.0')];
    await bunnyDone(['publish', ...directories, ...to], { store: other.store });
    await bunnyDone(['publish', await pipe('1.1.0', []), ...to], { store: other.store });
  });

  it('is waived with a reason, which the manifest keeps', async () => {
    const reason = 'pipe_close never worked';
    const words = ['publish', await pipe('1.1.0', ['pipe_open']), '--to', place.registry];
    const empty = await bunnyError([...words, '--allow-breaking', ' '], { store: place.store });
    assert.equal(empty.code, 'BUNNY_EUSAGE');
    const { results } = await bunnyJson<{ results: { warnings: string[] }[] }>(
      [...words, '--allow-breaking', reason],
      { store: place.store },
    );
    assert.deepEqual(results[0]?.warnings, [
      'pipe 1.1.0: pipe_peek of 1.0.0 is gone: no published component uses it, but apps may',
      'pipe 1.1.0 (amd64): pipe_close is gone, used by shell 1.0.0',
    ]);
    const tags = await layoutTags(place.directory);
    const digest = [...tags].find(([name]) => name.startsWith('warren/pipe:1.1.0_'))?.[1] ?? '';
    const blob = join(place.directory, 'blobs', digest.replace(':', '/'));
    const { annotations } = JSON.parse(await readFile(blob, 'utf8')) as {
      annotations: Record<string, string>;
    };
    assert.equal(annotations['io.github.bunny-libos.breaking'], reason);
  });

  describe('bunny check-abi', () => {
    beforeEach(async () => {
      // The one that takes any version of it.
      await publish(await shell('1.1.0', '"*"'));
      await publish(await pipe('2.0.0', ['pipe_open', 'pipe_seek']));
    });

    it('shows what is gone, who uses it, and what is new', async () => {
      const { status, stdout } = await bunny(['check-abi', reference('1.0.0'), reference('2.0.0')], {
        store: place.store,
      });
      assert.equal(status, 1);
      assert.deepEqual(stdout.split('\n'), [
        'pipe 1.0.0 -> 2.0.0 (not compatible by its number)',
        'arch=amd64',
        '  - pipe_close, used by shell 1.1.0',
        '  - pipe_peek',
        '  + pipe_seek',
        '',
      ]);
    });

    it('names users only where their range takes the later version, in JSON too', async () => {
      const { status, stdout } = await bunny(
        ['check-abi', reference('1.0.0'), reference('2.0.0'), '--json'],
        { store: place.store },
      );
      const report = JSON.parse(stdout) as Report;
      assert.equal(status, 1);
      assert.deepEqual([report.breaking, report.claimsCompatible], [true, false]);
      assert.deepEqual(report.variants[0]?.users, [
        { symbol: 'pipe_close', component: 'shell', version: '1.1.0' },
      ]);
    });

    it('compares single variants too, and ends with 0 where nothing is gone', async () => {
      await publish(await pipe('2.1.0', ['pipe_open', 'pipe_seek', 'pipe_tell']));
      const tags = [...(await layoutTags(place.directory)).keys()];
      const variant = (version: string) =>
        place.registry + tags.find((name) => name.startsWith(`warren/pipe:${version}_`))?.replace(/^/, ':');
      const report = await bunnyJson<Report>(['check-abi', variant('2.0.0'), variant('2.1.0')], {
        store: place.store,
      });
      assert.deepEqual([report.breaking, report.claimsCompatible], [false, true]);
      assert.deepEqual(report.variants[0]?.added, ['pipe_tell']);
    });

    it('names both where they are of two components', async () => {
      const other = `${place.registry}:warren/shell:1.1.0`;
      const { stdout } = await bunny(['check-abi', reference('1.0.0'), other], { store: place.store });
      assert.match(stdout, /^pipe 1\.0\.0 -> shell 1\.1\.0\n/);
      const json = await bunny(['check-abi', reference('1.0.0'), other, '--json'], { store: place.store });
      const { before, after, claimsCompatible } = JSON.parse(json.stdout) as Report;
      assert.deepEqual(before, { component: 'pipe', version: '1.0.0' });
      assert.deepEqual(after, { component: 'shell', version: '1.1.0' });
      assert.equal(claimsCompatible, false);
    });

    it('refuses what it cannot compare', async () => {
      const check = (before: string, after: string) =>
        bunnyError(['check-abi', before, after], { store: place.store });
      const absent = await check(reference('1.0.0'), reference('1.9.0'));
      assert.deepEqual([absent.code, absent.status], ['BUNNY_ENOTFOUND', 1]);
      assert.equal((await check(place.registry, reference('1.0.0'))).code, 'BUNNY_EREFERENCE');
    });
  });
});
