import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTarget } from 'bunny-libos-oci';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { Judges } from 'bunny-libos-testing/judges/debian.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';

interface Verified {
  artifacts: { digest: string; attestations: { type: string }[] }[];
}

describe('attestations', function () {
  this.timeout(240_000);
  const env = { COSIGN_PASSWORD: 'white rabbit' };
  const provenance = 'https://slsa.dev/provenance/v1';
  let cwd: string;
  let sources: string;
  let store: string;
  let base: string;
  let stop: () => Promise<void>;

  before(async () => {
    cwd = await temporaryDirectory('attestations');
    store = await temporaryDirectory('store');
    sources = await temporaryDirectory('tiny');
    for (const name of ['libos', 'other']) await bunnyDone(['keygen', name], { cwd, env });
    await writeTinyLibos(sources);
    const registry = await startDockerRegistry();
    stop = () => registry.stop();
    base = `${registry.host}/libos`;
    const publish = ['publish', sources, '--to', base, '--sign-key', 'libos.key'];
    await writeTinyVersion(sources, '1.0.0');
    await bunnyDone([...publish, '--provenance'], { cwd, store, env });
    await writeTinyVersion(sources, '1.1.0');
    await bunnyDone(publish, { cwd, store, env });
  });
  after(() => stop());

  const version = (number: string) => `${base}/tiny/one:${number}`;
  const verified = async (reference: string, key = 'libos.pub') =>
    (await bunnyJson<Verified>(['verify', reference, '--key', key], { cwd, store })).artifacts;

  it('say how each variant was made, and cosign 3 takes them', async () => {
    const artifacts = await verified(version('1.0.0'));
    assert.equal(artifacts.length, 4);
    for (const { attestations } of artifacts)
      assert.deepEqual(
        attestations.map(({ type }) => type),
        [provenance],
      );
    const plain = await verified(version('1.1.0'));
    assert.deepEqual(
      plain.flatMap(({ attestations }) => attestations),
      [],
    );
    const sid = new Judges(cwd, 'sid');
    const judge = (key: string, digest: string, type = 'slsaprovenance1') =>
      sid.run([
        'cosign',
        'verify-attestation',
        '--key',
        key,
        '--type',
        type,
        '--insecure-ignore-tlog=true',
        '--allow-insecure-registry',
        '--allow-http-registry',
        `${base}/tiny/one@${digest}`,
      ]);
    const [first] = artifacts;
    assert.ok(first !== undefined);
    const { status, stdout, stderr } = await judge('libos.pub', first.digest);
    assert.equal(status, 0, stderr);
    const [line = ''] = stdout.trim().split('\n');
    const { payload } = JSON.parse(line) as { payload: string };
    const { predicate } = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
      predicate: {
        buildDefinition: { externalParameters: object; resolvedDependencies: { uri: string }[] };
        runDetails: { builder: { id: string } };
      };
    };
    const { externalParameters, resolvedDependencies } = predicate.buildDefinition;
    assert.deepEqual(
      { ...externalParameters, settings: {}, options: {} },
      { framework: 'tiny', component: 'one', version: '1.0.0', settings: {}, options: {} },
    );
    assert.deepEqual(
      resolvedDependencies.map(({ uri }) => uri),
      ['bunny:source/tiny/one', 'bunny:tooling/tiny'],
    );
    assert.notEqual((await judge('other.pub', first.digest)).status, 0);
    assert.notEqual((await judge('libos.pub', plain[0]?.digest ?? '')).status, 0);
    assert.notEqual((await judge('libos.pub', first.digest, 'spdxjson')).status, 0);
  });

  it('of any kind are made with bunny attest, and are those of whose key it is', async () => {
    await writeFile(join(cwd, 'bill.json'), JSON.stringify({ spdxVersion: 'SPDX-2.3' }));
    const words = ['attest', version('1.1.0'), '--type', 'spdx', '--predicate', 'bill.json'];
    await bunnyDone([...words, '--key', 'other.key'], { cwd, env });
    const [mine] = await verified(version('1.1.0'));
    assert.deepEqual(mine?.attestations, []);
    await bunnyDone([...words, '--key', 'libos.key'], { cwd, env });
    const [both] = await verified(version('1.1.0'));
    assert.deepEqual(
      both?.attestations.map(({ type }) => type),
      ['https://spdx.dev/Document'],
    );
    for (const [wrong, code] of [
      [['--type', 'bill', '--predicate', 'bill.json'], 'BUNNY_EUSAGE'],
      [['--type', 'spdx', '--predicate', 'libos.pub'], 'BUNNY_EUSAGE'],
    ] as const) {
      const error = await bunnyError(['attest', version('1.1.0'), ...wrong, '--key', 'libos.key'], {
        cwd,
        env,
      });
      assert.equal(error.code, code);
    }
  });

  it('are asked for by policies: what lacks them is no candidate', async () => {
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
    const [libos, other] = await Promise.all(
      ['libos.pub', 'other.pub'].map((name) => readFile(join(cwd, name), 'utf8')),
    );
    const policy = (...rules: object[]) =>
      writeFile(join(app, 'bunny-policy.yaml'), JSON.stringify({ keys: { libos, other }, rules }));
    const tooling = { match: '**/tooling', signers: ['libos'] };
    await policy(tooling, { match: '**', signers: ['libos'], attestations: ['provenance'] });
    const { stderr } = await bunnyDone(['resolve'], { cwd: app, store });
    assert.match(
      stderr,
      /one 1\.1\.0 is passed over for 1\.0\.0: .*asks for provenance; none of libos attests that/,
    );
    await bunnyDone(['fetch'], { cwd: app, store });
    await policy(tooling, { match: '**', signers: ['libos'], attestations: ['provenance', 'cyclonedx'] });
    const error = await bunnyError(['fetch'], { cwd: app, store });
    assert.equal(error.code, 'BUNNY_EPOLICY');
    assert.match(error.details.join('\n'), /asks for cyclonedx; none of libos attests that/);
    // Somebody else's word for it is nobody's.
    await policy(tooling, { match: '**', signers: { keys: ['other'] }, attestations: ['provenance'] });
    assert.equal((await bunnyError(['fetch'], { cwd: app, store })).code, 'BUNNY_EPOLICY');
  });

  it('and signatures are found by the referrers API, where a registry has it', async () => {
    const registry = await new SpecRegistry().start();
    try {
      const home = `${registry.host}/libos`;
      const words = ['publish', sources, '--to', home, '--sign-key', 'libos.key', '--provenance'];
      await bunnyDone(words, { cwd, store: await temporaryDirectory('store'), env });
      await bunnyDone(['sign', `${home}/tiny/one:1.0.0`, '--key', 'other.key', '--form', 'bundle'], {
        cwd,
        env,
      });
      const tags = await openTarget(`${home}/tiny/one`).tags();
      assert.deepEqual(
        tags.filter((tag) => tag.startsWith('sha256-')),
        [],
      );
      for (const [key, kinds] of [
        ['libos.pub', [provenance]],
        ['other.pub', []],
      ] as const) {
        for (const { attestations } of await verified(`${home}/tiny/one:1.0.0`, key)) {
          assert.deepEqual(
            attestations.map(({ type }) => type),
            kinds,
          );
        }
      }
    } finally {
      await registry.stop();
    }
  });

  it('with --sbom are bills of materials that a policy may ask for', async () => {
    const from = await temporaryDirectory('tiny');
    await writeTinyLibos(from);
    const to = `oci:${await temporaryDirectory('billed')}`;
    const publish = ['publish', from, '--to', to, '--sign-key', 'libos.key'];
    await writeTinyVersion(from, '1.0.0');
    await bunnyDone([...publish, '--sbom', 'spdx'], { cwd, store, env });
    await writeTinyVersion(from, '1.1.0');
    await bunnyDone([...publish, '--sbom', 'cyclonedx'], { cwd, store, env });
    const app = await temporaryDirectory('app');
    const key = (await readFile(join(cwd, 'libos.pub'), 'utf8')).trim().replaceAll('\n', '\n    ');
    const policy = (attestations: string) =>
      writeFile(
        join(app, 'bunny-policy.yaml'),
        `keys:\n  libos: |\n    ${key}\nrules:\n  - match: oci:tiny/one\n    signers: [libos]\n    attestations: [${attestations}]\n  - match: "**"\n    unsigned: allow\n`,
      );
    await writeFile(
      join(app, 'Bunnyfile'),
      `version: v0.1\nname: app\nplatforms: { framework: tiny }\nregistries: ["${to}"]\ndependencies: { one: ^1.0 }\ntargets: [amd64/linuxu]\n`,
    );
    for (const [attestations, version] of [
      ['spdx', '1.0.0'],
      ['cyclonedx', '1.1.0'],
    ] as const) {
      await policy(attestations);
      await bunnyDone(['update'], { cwd: app, store: await temporaryDirectory('store') });
      assert.match(
        await readFile(join(app, 'bunny.lock'), 'utf8'),
        new RegExp(`"name": "one",\\s+"version": "${version}"`),
      );
    }
  });
});
