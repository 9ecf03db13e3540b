import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { updateVersionIndex } from 'bunny-libos-namespace';
import { indexType, openTarget, pushBytes } from 'bunny-libos-oci';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

interface Published {
  results: { pushed: { digest: string; tag: string }[]; warnings: string[] }[];
}
interface Verified {
  artifacts: { label: string; code?: string; signers: { form: string; binds: string }[] }[];
}

describe('statements about a publication', function () {
  this.timeout(120_000);
  const env = { COSIGN_PASSWORD: 'white rabbit' };
  let cwd: string;
  let sources: string;
  let store: string;
  /** A registry of its own for each test. */
  let base: string;
  let number = 0;

  before(async () => {
    cwd = await temporaryDirectory('statements');
    sources = await temporaryDirectory('tiny');
    store = await temporaryDirectory('store');
    for (const name of ['libos', 'other']) await bunnyDone(['keygen', name], { cwd, env });
    await writeTinyLibos(sources);
    await writeTinyVersion(sources, '1.0.0');
  });
  beforeEach(() => {
    number += 1;
    base = `oci:${cwd}/registry${number}`;
  });

  const repository = () => openTarget(`${base}:tiny/one`);
  const signedTags = async () => (await repository().tags()).filter((tag) => tag.includes('_statement-'));
  const publish = async (more: string[], options: object = {}) => {
    const { results } = await bunnyJson<Published>(['publish', sources, '--to', base, ...more], {
      cwd,
      store,
      env,
      ...options,
    });
    return results[0] ?? { pushed: [], warnings: [] };
  };
  const verify = (key: string) =>
    bunny(['verify', `${base}:tiny/one:1.0.0`, '--key', key, '--json'], { cwd, store });
  const verified = async (key: string) => {
    const { stdout, stderr } = await verify(key);
    assert.ok(stdout !== '', stderr);
    return (JSON.parse(stdout) as Verified).artifacts;
  };

  it('sign all that is published at once, the tooling layer too', async () => {
    const { pushed, warnings } = await publish(['--sign-key', 'libos.key']);
    assert.deepEqual([pushed.length, warnings], [4, []]);
    assert.equal((await signedTags()).length, 1);
    for (const { code, signers } of await verified('libos.pub')) {
      assert.equal(code, undefined);
      assert.deepEqual(
        signers.map(({ form, binds }) => [form, binds]),
        [['statement', 'layer']],
      );
    }
    await bunnyDone(['verify', `${base}:tiny/tooling:1.0.0`, '--key', 'libos.pub'], { cwd, store });
    assert.deepEqual(
      (await verified('other.pub')).map(({ code }) => code),
      Array(4).fill('BUNNY_ESIGNATURE'),
    );
    const index = await repository().fetchManifest('1.0.0');
    const { annotations } = JSON.parse(Buffer.from(index?.bytes ?? []).toString());
    assert.equal(JSON.parse(annotations['io.github.bunny-libos.statements']).length, 1);
    // Again: nothing to do.
    await publish(['--sign-key', 'libos.key']);
    assert.equal((await signedTags()).length, 1);
  });

  it('take keys from a variable and passphrases from standard input', async () => {
    const key = await readFile(join(cwd, 'libos.key'), 'utf8');
    const words = ['--sign-key', 'env://SIGNING_KEY', '--password-stdin'];
    await publish(words, { env: { SIGNING_KEY: key }, input: env.COSIGN_PASSWORD });
    assert.deepEqual([...new Set((await verified('libos.pub')).map(({ code }) => code))], [undefined]);
    const wrong = await bunnyError(['publish', sources, '--to', base, ...words], {
      cwd,
      store,
      env: { SIGNING_KEY: key },
      input: 'no',
    });
    assert.deepEqual([wrong.status, wrong.code], [2, 'BUNNY_EKEY']);
  });

  it('add up: shards, several publishers, and what came in between', async () => {
    const first = await publish(['--shard', '1/2', '--sign-key', 'libos.key']);
    assert.equal(first.pushed.length, 2);
    // Another machine, another key.
    const elsewhere = await temporaryDirectory('store');
    const second = await publish(['--sign-key', 'other.key'], { store: elsewhere });
    assert.equal(second.pushed.length, 2);
    assert.match(second.warnings.join('\n'), /not signed, as not made on this machine: 2 of 4 variants/);
    const codes = async (key: string) => (await verified(key)).map(({ code }) => code ?? 'ok').sort();
    assert.deepEqual(await codes('libos.pub'), ['BUNNY_ESIGNATURE', 'BUNNY_ESIGNATURE', 'ok', 'ok']);
    assert.deepEqual(await codes('other.pub'), ['BUNNY_ESIGNATURE', 'BUNNY_ESIGNATURE', 'ok', 'ok']);
    await bunnyDone(['sign', `${base}:tiny/one:1.0.0`, '--key', 'other.key', '--form', 'statement'], {
      cwd,
      env,
    });
    assert.deepEqual(await codes('other.pub'), Array(4).fill('ok'));
    assert.equal((await signedTags()).length, 3);
  });

  it('say nothing of a variant that is slipped in beside them', async () => {
    await publish(['--shard', '1/2', '--sign-key', 'libos.key']);
    await publish([], { store: await temporaryDirectory('store') });
    const codes = (await verified('libos.pub')).map(({ code }) => code ?? 'ok').sort();
    assert.deepEqual(codes, ['BUNNY_EUNSIGNED', 'BUNNY_EUNSIGNED', 'ok', 'ok']);
  });

  it('are made in the next run where one was cut off, or had no key', async () => {
    await publish([]);
    assert.equal((await signedTags()).length, 0);
    const again = await publish(['--sign-key', 'libos.key']);
    assert.deepEqual([again.pushed.length, again.warnings], [0, []]);
    assert.deepEqual([...new Set((await verified('libos.pub')).map(({ code }) => code))], [undefined]);
  });

  it('survive an index that lacks them, and come back into it', async () => {
    await publish(['--sign-key', 'libos.key']);
    const index = await repository().fetchManifest('1.0.0');
    const document = JSON.parse(Buffer.from(index?.bytes ?? []).toString());
    const bare = { ...document, annotations: {} };
    const descriptor = await pushBytes(repository(), indexType, Buffer.from(JSON.stringify(bare)));
    await repository().tag(descriptor, '1.0.0');
    assert.deepEqual([...new Set((await verified('libos.pub')).map(({ code }) => code))], [undefined]);
    await updateVersionIndex(repository(), '1.0.0');
    const mended = await repository().fetchManifest('1.0.0');
    assert.deepEqual(JSON.parse(Buffer.from(mended?.bytes ?? []).toString()), document);
    await bunnyDone(['index', 'rebuild', `${base}:tiny/one`], { store });
    assert.deepEqual(
      (await repository().fetchManifest('1.0.0'))?.descriptor.digest,
      index?.descriptor.digest,
    );
  });

  it('follow a mirror, and are worth as much there as at home', async () => {
    await publish(['--sign-key', 'libos.key']);
    const app = await temporaryDirectory('app');
    await writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny }',
        `registries: [${base}]`,
        'dependencies: { one: ^1.0 }',
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
    await bunnyDone(['resolve'], { cwd: app, store });
    await bunnyDone(['mirror', '--to', `oci:${app}/mirror`], { cwd: app, store });
    await rm(base.slice('oci:'.length), { recursive: true });
    const words = ['verify', '--key', join(cwd, 'libos.pub'), '--from', 'oci:mirror'];
    await bunnyDone(words, { cwd: app, store: await temporaryDirectory('store') });
  });

  it('may be of a key that replaces the one that a policy has, as that one says', async () => {
    await bunnyDone(['sign', '--key', 'libos.key', '--successor', 'other.pub'], { cwd, env });
    const rotation = await readFile(join(cwd, 'other.rotation'), 'utf8');
    const again = await bunnyError(['sign', '--key', 'libos.key', '--successor', 'other.pub'], { cwd, env });
    assert.equal(again.code, 'BUNNY_EEXISTS');
    const wrong = ['publish', sources, '--to', base, '--sign-key', 'other.key', '--rotation', 'other.pub'];
    assert.equal((await bunnyError(wrong, { cwd, store, env })).code, 'BUNNY_EKEY');
    await publish(['--sign-key', 'other.key', '--rotation', 'other.rotation']);
    const home = await temporaryDirectory('policy');
    const policy = async (libos: object | string) => {
      const rules = [
        { match: '**/tooling', unsigned: 'allow' },
        { match: '**', signers: ['libos'] },
      ];
      await writeFile(join(home, 'bunny-policy.yaml'), JSON.stringify({ keys: { libos }, rules }));
      return bunny(['verify', `${base}:tiny/one:1.0.0`], { cwd: home, store });
    };
    const pem = await readFile(join(cwd, 'libos.pub'), 'utf8');
    assert.equal((await policy(pem)).status, 0);
    // The old key is lost: what it says of others counts where the policy itself has it.
    const revoked = await policy({ pem, revoked: '2026-11-01' });
    assert.equal(revoked.status, 4, revoked.stderr);
    assert.equal((await policy({ pem, revoked: '2026-11-01', rotations: [rotation] })).status, 0);
  });
});
