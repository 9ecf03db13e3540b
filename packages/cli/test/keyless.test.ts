import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTarget, packManifest, pushBytes } from 'bunny-libos-oci';
import { bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { Judges } from 'bunny-libos-testing/judges/debian.js';
import { startCraneRegistry } from 'bunny-libos-testing/registries/crane.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { SigstoreServices } from 'bunny-libos-testing/sigstore/services.js';
import { outputProblems } from './output-schema.js';

const identity = 'https://ci.example.org/libos/release.yml@refs/tags/v1';

describe('keyless signatures', function () {
  this.timeout(240_000);
  let cwd: string;
  let services: SigstoreServices;
  let stop: (() => Promise<void>)[] = [];
  const env = () => ({ SIGSTORE_ID_TOKEN: services.token({ email: undefined, sub: identity }) });

  before(async () => {
    cwd = await temporaryDirectory('keyless');
    services = await SigstoreServices.start();
    stop = [...stop, () => services.stop()];
    await writeFile(join(cwd, 'root.json'), JSON.stringify(services.trustedRoot));
  });
  after(() => Promise.all(stop.map((each) => each())));

  /** A trusted root as cosign 2 wants it, in files. */
  async function writePems({ trustedRoot }: SigstoreServices, prefix: string): Promise<void> {
    const { tlogs, ctlogs, certificateAuthorities, timestampAuthorities } = trustedRoot as unknown as Record<
      string,
      [{ publicKey: { rawBytes: string }; certChain: { certificates: { rawBytes: string }[] } }]
    >;
    const pem = (label: string, base64: string) =>
      `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
    const certificates = (list: typeof tlogs) =>
      (list?.[0].certChain.certificates ?? []).map(({ rawBytes }) => pem('CERTIFICATE', rawBytes)).join('');
    const key = (list: typeof tlogs) => pem('PUBLIC KEY', list?.[0].publicKey.rawBytes ?? '');
    await writeFile(join(cwd, `${prefix}.ca.pem`), certificates(certificateAuthorities));
    await writeFile(join(cwd, `${prefix}.tsa.pem`), certificates(timestampAuthorities));
    await writeFile(join(cwd, `${prefix}.log.pem`), key(tlogs));
    await writeFile(join(cwd, `${prefix}.ct.pem`), key(ctlogs));
  }

  async function pushed(base: string): Promise<string> {
    const target = openTarget(base);
    const layers = [await pushBytes(target, 'application/vnd.oci.image.layer.v1.tar', randomBytes(100))];
    const { digest } = await packManifest(target, { artifactType: 'application/vnd.example', layers });
    return `${base}@${digest}`;
  }
  const names = (issuer = services.issuer, name = identity) => [
    '--certificate-identity',
    name,
    '--certificate-oidc-issuer',
    issuer,
  ];

  for (const [name, start] of [
    ['docker-registry', () => startDockerRegistry()],
    ['crane', () => startCraneRegistry()],
  ] as const) {
    it(`are taken by cosign 2 and 3, with the right name and root alone, on ${name}`, async () => {
      const registry = await start();
      stop = [...stop, () => registry.stop()];
      const reference = await pushed(`${registry.host}/libos/one`);
      await bunnyDone(['sign', reference, '--keyless', '--trusted-root', 'root.json'], { cwd, env: env() });
      const other = await SigstoreServices.start();
      stop = [...stop, () => other.stop()];
      await writeFile(join(cwd, 'other.json'), JSON.stringify(other.trustedRoot));
      const cosign = async (suite: 'sid' | 'trixie', root: string, more: string[]) => {
        const of = root === 'root.json' ? services : other;
        const words = ['cosign', 'verify', '--allow-insecure-registry', '--allow-http-registry'];
        const how =
          suite === 'sid' ? ['--trusted-root', root] : ['--timestamp-certificate-chain', `${root}.tsa.pem`];
        await writePems(of, root);
        const judges = new Judges(cwd, suite);
        const result = await judges.run([...words, ...how, ...more, reference], {
          SIGSTORE_ROOT_FILE: `${root}.ca.pem`,
          SIGSTORE_REKOR_PUBLIC_KEY: `${root}.log.pem`,
          SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: `${root}.ct.pem`,
        });
        return result.status === 0;
      };
      for (const suite of ['sid', 'trixie'] as const) {
        assert.equal(await cosign(suite, 'root.json', names()), true, suite);
        assert.equal(await cosign(suite, 'other.json', names()), false, suite);
        assert.equal(await cosign(suite, 'root.json', names('https://other.example.org')), false, suite);
        assert.equal(await cosign(suite, 'root.json', names(services.issuer, 'mallory')), false, suite);
      }
    });

    it(`of cosign are taken by us, where the digest is enough, on ${name}`, async () => {
      const registry = await start();
      stop = [...stop, () => registry.stop()];
      await writePems(services, 'root.json');
      for (const [suite, ...more] of [
        ['sid', '--use-signing-config=false', '--trusted-root', 'root.json'],
        ['sid', '--use-signing-config=false', '--new-bundle-format=false'],
        ['trixie'],
      ] as const) {
        const reference = await pushed(`${registry.host}/libos/${suite}`);
        const words = [
          'cosign',
          'sign',
          '--yes',
          '--allow-insecure-registry',
          '--allow-http-registry',
          ...more,
        ];
        const urls = ['--fulcio-url', services.url, '--rekor-url', services.url];
        const { status, stderr } = await new Judges(cwd, suite).run([...words, ...urls, reference], {
          ...env(),
          SIGSTORE_ROOT_FILE: `root.json.ca.pem`,
          SIGSTORE_REKOR_PUBLIC_KEY: `root.json.log.pem`,
          SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: `root.json.ct.pem`,
        });
        assert.equal(status, 0, `${suite} ${more.join(' ')} ${stderr}`);
        const verify = ['verify', reference, '--trusted-root', 'root.json'];
        await bunnyDone([...verify, ...names(), '--binds', 'digest'], { cwd });
        const wrong = [...names('https://other.example.org'), '--binds', 'digest'];
        const { code, details } = await bunnyError([...verify, ...wrong], { cwd });
        assert.equal(code, 'BUNNY_ESIGNATURE', suite);
        assert.match(details.join(), /it is by https:\/\/ci\.example\.org/);
      }
    });
  }

  it('are made by publish, asked for by a policy, and known without services and network after that', async () => {
    const sources = await temporaryDirectory('tiny');
    const [making, store] = [await temporaryDirectory('store'), await temporaryDirectory('store')];
    const [config, app] = [await temporaryDirectory('config'), await temporaryDirectory('app')];
    await writeTinyLibos(sources);
    await writeTinyVersion(sources, '1.0.0');
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    // A job's own services, so that they can end with it.
    const job = await SigstoreServices.start();
    const to = `${registry.host}/libos`;
    await writeFile(join(cwd, 'job.json'), JSON.stringify(job.trustedRoot));
    const publish = () =>
      bunnyJson<{ results: { pushed: object[] }[] }>(['publish', sources, '--to', to, '--keyless'], {
        cwd,
        store: making,
        env: {
          SIGSTORE_ID_TOKEN: job.token({ email: undefined, sub: identity }),
          BUNNY_TRUSTED_ROOT: join(cwd, 'job.json'),
        },
      });
    await publish();
    const entries = () => job.calls.filter(({ path }) => path === '/api/v1/log/entries').length;
    // One statement for the version, and both forms for the tooling layer.
    assert.equal(entries(), 3);
    await publish();
    assert.equal(entries(), 3);
    await job.stop();

    const policy = (pattern: string) =>
      writeFile(
        join(app, 'bunny-policy.yaml'),
        JSON.stringify({
          identities: { ci: { issuer: job.issuer, identity: pattern } },
          trustedRoot: job.trustedRoot,
          rules: [{ match: '**', signers: ['ci'], maxAge: '1d' }],
        }),
      );
    await writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        'platforms: { framework: tiny }',
        `registries: ['${to}']`,
        'dependencies: { one: ^1.0 }',
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
    const options = { cwd: app, store, env: { XDG_CONFIG_HOME: config } };
    await policy('https://ci.example.org/libos/release.yml@refs/heads/*');
    const error = await bunnyError(['resolve'], options);
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_EPOLICY']);
    assert.match(error.details.join('\n'), /it is by https:\/\/ci\.example\.org/);
    await policy('https://ci.example.org/libos/release.yml@refs/tags/*');
    await bunnyDone(['resolve'], options);
    await bunnyDone(['fetch'], options);
    const { artifacts } = await bunnyJson<{ artifacts: { opinions: { signers: string[] }[] }[] }>(
      ['verify'],
      options,
    );
    assert.deepEqual(
      artifacts.map(({ opinions }) => opinions[0]?.signers),
      [['ci'], ['ci']],
    );
    await registry.stop();
    await bunnyDone(['resolve', '--offline'], options);
    await policy('https://ci.example.org/libos/release.yml@refs/heads/*');
    assert.equal((await bunnyError(['resolve', '--offline'], options)).code, 'BUNNY_EPOLICY');
  });

  it('of attestations are told by verify, and in words that the schema of outputs has', async () => {
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    const reference = await pushed(`${registry.host}/libos/one`);
    await writeFile(join(cwd, 'predicate.json'), '{}');
    const keyless = ['--keyless', '--trusted-root', 'root.json'];
    const type = 'https://example.org/review/v1';
    const signed = await bunnyJson(['sign', reference, ...keyless], { cwd, env: env() });
    const attest = ['attest', reference, '--type', type, '--predicate', 'predicate.json', ...keyless];
    const attested = await bunnyJson(attest, { cwd, env: env() });
    assert.deepEqual([outputProblems('sign', signed), outputProblems('attest', attested)], [[], []]);
    const { artifacts } = await bunnyJson<{
      artifacts: { attestations: { type: string; identity: string }[] }[];
    }>(['verify', reference, ...names(), '--trusted-root', 'root.json'], { cwd });
    assert.deepEqual(
      artifacts[0]?.attestations.map((each) => [each.type, each.identity]),
      [[type, `${identity} (${services.issuer})`]],
    );
  });

  it('are asked for with all that it takes, and one thing at a time', async () => {
    const reference = 'localhost:1/libos/one:1';
    const store = await temporaryDirectory('store');
    const root = ['--trusted-root', 'root.json'];
    for (const [words, code] of [
      [['sign', reference], 'BUNNY_EUSAGE'],
      [['sign', reference, '--keyless', '--key', 'x.key'], 'BUNNY_EUSAGE'],
      [['sign', reference, '--key', 'x.key', '--identity-token', 'x'], 'BUNNY_EUSAGE'],
      [['sign', reference, '--keyless'], 'BUNNY_ETRUSTEDROOT'],
      [['sign', '--keyless', '--successor', 'x.pub', ...root], 'BUNNY_EUSAGE'],
      [['publish', '.', '--to', 'oci:x', '--fulcio-url', services.url], 'BUNNY_EUSAGE'],
      [['verify', reference, '--certificate-identity', 'x', ...root], 'BUNNY_EUSAGE'],
      [['verify', reference, ...names()], 'BUNNY_ETRUSTEDROOT'],
      [['verify', reference, ...names(), '--trusted-root', 'nothing.json'], 'BUNNY_ENOFILE'],
    ] as const) {
      const error = await bunnyError([...words], words[0] === 'publish' ? { cwd, store } : { cwd });
      assert.deepEqual([error.status, error.code], [2, code], words.join(' '));
    }
  });
});
