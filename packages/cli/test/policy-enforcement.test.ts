import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

describe('a policy in force', function () {
  this.timeout(120_000);
  const env = { COSIGN_PASSWORD: '' };
  let sources: string;
  let published: string;
  let app: string;
  let store: string;
  let config: string;
  let keys: Record<string, string>;

  before(async () => {
    sources = await temporaryDirectory('tiny');
    published = await temporaryDirectory('published');
    const making = await temporaryDirectory('store');
    for (const name of ['alice', 'bob']) await bunnyDone(['keygen', name], { cwd: published, env });
    const [alice = '', bob = ''] = await Promise.all(
      ['alice', 'bob'].map((name) => readFile(join(published, `${name}.pub`), 'utf8')),
    );
    keys = { alice, bob };
    await writeTinyLibos(sources);
    for (const [version, key] of [
      ['1.0.0', ['--sign-key', 'alice.key']],
      ['1.1.0', []],
    ] as const) {
      await writeTinyVersion(sources, version);
      await bunnyDone(['publish', sources, '--to', `oci:${published}/registry`, ...key], {
        cwd: published,
        store: making,
        env,
      });
    }
  });
  beforeEach(async () => {
    app = await temporaryDirectory('app');
    store = await temporaryDirectory('store');
    config = await temporaryDirectory('config');
    await mkdir(join(config, 'bunny'));
    await bunnyfile('^1.0');
  });

  const options = () => ({ cwd: app, store, env: { XDG_CONFIG_HOME: config } });
  const bunnyfile = (range: string) =>
    writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny }',
        `registries: [oci:${published}/registry]`,
        `dependencies: { one: ${JSON.stringify(range)} }`,
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
  const rules = (file: string, ...all: object[]) =>
    writeFile(file, JSON.stringify({ keys, rules: all }, null, 1));
  const project = (...all: object[]) => rules(join(app, 'bunny-policy.yaml'), ...all);
  const user = (...all: object[]) => rules(join(config, 'bunny', 'policy.yaml'), ...all);
  const lockedVersion = async () =>
    /"?name"?: "?one"?,?\s+"?version"?: "?([\d.]+)/.exec(
      await readFile(join(app, 'bunny.lock'), 'utf8'),
    )?.[1];

  it('lets resolve choose what is signed, and tells of what it passes over', async () => {
    await project({ match: 'oci:tiny/**', signers: ['alice'] });
    const { stderr } = await bunnyDone(['resolve'], options());
    assert.equal(await lockedVersion(), '1.0.0');
    assert.match(
      stderr,
      /warning: one 1\.1\.0 is passed over for 1\.0\.0: bunny-policy\.yaml:\d+:\d+ asks for alice; none of them signed it/,
    );
  });

  it('refuses with status 4 where nothing is signed by whom it asks for, and writes no lock', async () => {
    await project({ match: 'oci:tiny/tooling', unsigned: 'allow' }, { match: '**', signers: ['bob'] });
    for (const words of [['resolve'], ['build'], ['build', '--dry-run'], ['tree'], ['add', 'one@^1.1']]) {
      const error = await bunnyError(words, options());
      assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY'], words.join(' '));
      assert.match(JSON.stringify(error.where), /bunny-policy\.yaml.*"line":\d+/);
    }
    assert.equal(existsSync(join(app, 'bunny.lock')), false);
  });

  it('is asked of a lock that was made without it: at pull, at build, frozen or not', async () => {
    await bunnyDone(['resolve'], options());
    assert.equal(await lockedVersion(), '1.1.0');
    await bunnyDone(['fetch'], options());
    await project({ match: 'oci:tiny/**', signers: ['alice'] });
    for (const words of [
      ['fetch'],
      ['build'],
      ['build', '--frozen'],
      ['build', '--offline'],
      ['run'],
      ['resolve'],
    ]) {
      const error = await bunnyError(words, options());
      assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY'], words.join(' '));
      assert.match(error.message, /^one 1\.1\.0 is refused by policy$/);
    }
    await bunnyDone(['update'], options());
    assert.equal(await lockedVersion(), '1.0.0');
    await bunnyDone(['fetch'], options());
  });

  it('of the user holds in every project, and no project weakens it', async () => {
    await user({ match: 'oci:**', signers: ['alice'] });
    await project({ match: '**', unsigned: 'allow' });
    await bunnyDone(['resolve'], options());
    assert.equal(await lockedVersion(), '1.0.0');
    await bunnyfile('^1.1');
    const error = await bunnyError(['resolve'], options());
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY']);
    assert.match(JSON.stringify(error.where), /policy\.yaml/);
  });

  it('is never off in silence: one that cannot be read stops every command that would ask it', async () => {
    await bunnyDone(['resolve'], options());
    await writeFile(join(app, 'bunny-policy.yaml'), 'rules: [\n');
    for (const words of [['resolve'], ['fetch'], ['build'], ['build', '--offline']]) {
      assert.equal((await bunny(words, options())).status, 2, words.join(' '));
    }
    await rm(join(app, 'bunny-policy.yaml'));
    await mkdir(join(config, 'bunny', 'policy.yaml'));
    assert.equal((await bunny(['fetch'], options())).status, 2);
  });

  it('judges offline what was judged once, without its registry', async () => {
    await project({ match: 'oci:tiny/**', signers: ['alice'] });
    await bunnyDone(['resolve'], options());
    await bunnyDone(['fetch'], options());
    // Another policy that asks for the same has to be judged by what the store remembers.
    await project({ match: '**', signers: { keys: ['alice', 'bob'], atLeast: 1 } });
    const { changed } = await bunnyJson<{ changed: boolean }>(['resolve', '--offline'], options());
    assert.equal(changed, false);
  });

  it('is written by trust, over nothing that is there', async () => {
    const key = join(published, 'alice.pub');
    await bunnyDone(['trust', key, 'oci:tiny/**'], options());
    await bunnyDone(['resolve'], options());
    assert.equal(await lockedVersion(), '1.0.0');
    assert.equal((await bunnyError(['trust', key], options())).code, 'BUNNY_EEXISTS');
    await rm(join(app, 'bunny-policy.yaml'));
    assert.equal((await bunnyError(['trust', key, 'oci:Tiny'], options())).code, 'BUNNY_EREFERENCE');
    assert.equal((await bunnyError(['trust', join(published, 'alice.key')], options())).code, 'BUNNY_EKEY');
    assert.equal(existsSync(join(app, 'bunny-policy.yaml')), false);
    await rm(join(config, 'bunny'), { recursive: true });
    await bunnyDone(['trust', join(published, 'bob.pub'), '--user'], options());
    await rm(join(app, 'bunny.lock'));
    assert.equal((await bunnyError(['resolve'], options())).code, 'BUNNY_EPOLICY');
  });
});
