import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Descriptor,
  isIndex,
  type Manifest,
  openTarget,
  packManifest,
  parseManifest,
  pushBytes,
  readBytes,
  type Target,
} from 'bunny-libos-oci';
import { bunny, bunnyDone, bunnyError, bunnyJson } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { Judges } from 'bunny-libos-testing/judges/debian.js';
import { startCraneRegistry } from 'bunny-libos-testing/registries/crane.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';

const env = { COSIGN_PASSWORD: 'white rabbit' };
const registryFlags = ['--allow-insecure-registry', '--allow-http-registry'];

interface Verified {
  verified: boolean;
  artifacts: {
    label: string;
    digest: string;
    repository: string;
    layerHash: string;
    code?: string;
    reasons: string[];
    signers: { from: string; form: string; binds: string }[];
  }[];
}

interface SignedResult {
  artifacts: { digest: string; repository: string; layerHash: string; written: string[] }[];
}

/** Programs that judge signatures with a key, told alike. */
interface Judge {
  name: string;
  verifies(reference: string, key: string): Promise<boolean>;
  /** Signs with `other.key`, as this program does by default. */
  signs(reference: string): Promise<void>;
}

/** Pushes an artifact that nothing is known of. */
async function pushArtifact(target: Target): Promise<Descriptor> {
  const layers = [await pushBytes(target, 'application/vnd.oci.image.layer.v1.tar', randomBytes(100))];
  return packManifest(target, { artifactType: 'application/vnd.example', layers });
}

async function documentAt(target: Target, reference: string): Promise<Manifest> {
  const fetched = await target.fetchManifest(reference);
  assert.ok(fetched !== undefined, reference);
  const document = parseManifest(fetched.bytes, fetched.descriptor.mediaType, reference);
  assert.ok(!isIndex(document));
  return document;
}

describe('signatures', function () {
  this.timeout(240_000);
  /** Keys, and what the judges may read and write. */
  let cwd: string;
  let sources: string;
  let store: string;
  let judges: Judge[];
  let stop: (() => Promise<void>)[] = [];

  before(async () => {
    cwd = await temporaryDirectory('signing');
    sources = await temporaryDirectory('tiny');
    store = await temporaryDirectory('store');
    for (const name of ['bunny', 'other']) await bunnyDone(['keygen', name], { cwd, env });
    await writeTinyLibos(sources);
    await writeTinyVersion(sources, '1.0.0');
    const trixie = new Judges(cwd, 'trixie');
    const sid = new Judges(cwd, 'sid');
    const judge = (name: string, programs: Judges, more: string[] = []): Judge => ({
      name,
      async verifies(reference, key) {
        const words = ['cosign', 'verify', '--key', key, '--insecure-ignore-tlog=true', ...registryFlags];
        return (await programs.run([...words, reference])).status === 0;
      },
      async signs(reference) {
        const words = ['cosign', 'sign', '--key', 'other.key', '--tlog-upload=false', '--yes', ...more];
        const { status, stderr } = await programs.run([...words, ...registryFlags, reference], env);
        assert.equal(status, 0, stderr);
      },
    });
    judges = [
      judge('cosign 2', trixie),
      judge('cosign 3', sid, ['--use-signing-config=false']),
      skopeo('skopeo', trixie),
    ];
  });
  after(() => Promise.all(stop.map((each) => each())));

  /** What containers/image is told to ask of a signature, and where to look for one. */
  function skopeo(name: string, programs: Judges): Judge {
    const files = async (key: string) => {
      const type = {
        type: 'sigstoreSigned',
        keyPath: join(cwd, key),
        signedIdentity: { type: 'matchRepository' },
      };
      await writeFile(join(cwd, 'policy.json'), JSON.stringify({ default: [type] }));
      await writeFile(join(cwd, 'passphrase'), `${env.COSIGN_PASSWORD}`);
      await writeFile(join(cwd, 'default.yaml'), 'default-docker: { use-sigstore-attachments: true }\n');
    };
    return {
      name,
      async verifies(reference, key) {
        await files(key);
        const words = [
          'skopeo',
          '--policy',
          'policy.json',
          '--registries.d',
          cwd,
          'copy',
          '--remove-signatures',
        ];
        const to = `dir:${cwd}/copied`;
        return (
          (await programs.run([...words, '--src-tls-verify=false', `docker://${reference}`, to])).status === 0
        );
      },
      async signs(reference) {
        await files('other.pub');
        const words = ['skopeo', '--insecure-policy', '--registries.d', cwd, 'copy', '--preserve-digests'];
        words.push('--sign-by-sigstore-private-key', 'other.key', '--sign-passphrase-file', 'passphrase');
        words.push('--src-tls-verify=false', '--dest-tls-verify=false');
        const [repository = '', digest] = reference.split('@');
        const { status, stderr } = await programs.run([
          ...words,
          `docker://${reference}`,
          `docker://${repository}:skopeo`,
        ]);
        assert.equal(status, 0, stderr);
        assert.equal((await openTarget(repository).resolve('skopeo'))?.digest, digest);
      },
    };
  }

  const bunnyVerifies = async (reference: string, key: string, more: string[] = []) => {
    const { status, stderr } = await bunny(['verify', reference, '--key', key, ...more], { cwd });
    assert.ok(status === 0 || status === 4, stderr);
    return status === 0;
  };

  const registries = [
    ['docker-registry', () => startDockerRegistry()],
    ['crane', () => startCraneRegistry()],
  ] as const;
  for (const [name, start] of registries) {
    describe(`on ${name}`, () => {
      let base: string;
      /** The variants of the only version: each test takes one of its own. */
      let variants: { reference: string; digest: string; layerHash: string }[];

      before(async () => {
        const registry = await start();
        stop = [...stop, () => registry.stop()];
        base = `${registry.host}/libos`;
        await bunnyDone(['publish', sources, '--to', base], { store });
        const { variants: found } = await bunnyJson<{
          variants: { manifest: { digest: string }; layerHash: string }[];
        }>(['inspect', `${base}/tiny/one`], { store });
        variants = found.map(({ manifest: { digest }, layerHash }) => {
          return { reference: `${base}/tiny/one@${digest}`, digest, layerHash };
        });
        assert.equal(variants.length, 4);
      });

      it('of ours are taken by cosign 2 and 3 and skopeo, with the right key alone', async () => {
        const [{ reference, digest, layerHash } = variants[0] as never] = variants;
        for (const { name, verifies } of judges)
          assert.equal(await verifies(reference, 'bunny.pub'), false, name);
        const { artifacts } = await bunnyJson<SignedResult>(['sign', reference, '--key', 'bunny.key'], {
          cwd,
          env,
        });
        assert.deepEqual(artifacts, [
          { digest, layerHash, repository: `${base}/tiny/one`, written: ['bundle', 'tag'] },
        ]);
        for (const { name, verifies } of judges) {
          assert.equal(await verifies(reference, 'bunny.pub'), true, name);
          assert.equal(await verifies(reference, 'other.pub'), false, name);
        }
        assert.equal(await bunnyVerifies(reference, 'bunny.pub'), true);
        assert.equal(await bunnyVerifies(reference, 'other.pub'), false);
        // And what is not signed is not.
        const second = variants[1]?.reference ?? '';
        for (const { name, verifies } of judges)
          assert.equal(await verifies(second, 'bunny.pub'), false, name);
        assert.equal(
          (await bunnyError(['verify', second, '--key', 'bunny.pub'], { cwd })).code,
          'BUNNY_EUNSIGNED',
        );
      });

      it('of each of them are taken by us, where the digest is enough, beside ours', async () => {
        const reference = variants[2]?.reference ?? '';
        await bunnyDone(['sign', reference, '--key', 'bunny.key'], { cwd, env });
        for (const judge of judges) {
          await judge.signs(reference);
          assert.equal(await bunnyVerifies(reference, 'bunny.pub'), true, judge.name);
          assert.equal(await bunnyVerifies(reference, 'other.pub', ['--binds', 'digest']), true, judge.name);
        }
        const error = await bunnyError(['verify', reference, '--key', 'other.pub'], { cwd });
        assert.deepEqual([error.status, error.code], [4, 'BUNNY_ESIGNATURE']);
        assert.match(error.details.join('\n'), /binds the digest alone/);
        assert.match(error.hint ?? '', /--binds digest/);
        const { artifacts } = await bunnyJson<Verified>(
          ['verify', reference, '--key', 'other.pub', '--key', 'bunny.pub', '--binds', 'digest'],
          { cwd },
        );
        assert.deepEqual(artifacts[0]?.signers.map(({ from, binds }) => `${from} ${binds}`).sort(), [
          'bunny.pub layer',
          'other.pub digest',
        ]);
        for (const { name, verifies } of judges) {
          assert.equal(await verifies(reference, 'bunny.pub'), true, name);
          assert.equal(await verifies(reference, 'other.pub'), true, name);
        }
      });

      it('that are moved to another digest are taken by nobody', async () => {
        const [{ digest } = variants[0] as never] = variants;
        const { digest: to = '', reference = '' } = variants[3] ?? {};
        const target = openTarget(`${base}/tiny/one`);
        const image = await target.resolve(`${digest.replace(':', '-')}.sig`);
        const [referrer] = await target.referrers({ mediaType: '', digest, size: 0 });
        assert.ok(image !== undefined && referrer !== undefined);
        await target.tag(image, `${to.replace(':', '-')}.sig`);
        const list = await target.resolve(digest.replace(':', '-'));
        if (list !== undefined) await target.tag(list, to.replace(':', '-'));
        for (const { name, verifies } of judges)
          assert.equal(await verifies(reference, 'bunny.pub'), false, name);
        const error = await bunnyError(['verify', reference, '--key', 'bunny.pub', '--binds', 'digest'], {
          cwd,
        });
        assert.equal(error.code, 'BUNNY_ESIGNATURE');
        assert.match(error.details.join('\n'), /about another digest/);
      });
    });
  }

  it('that were altered are taken by nobody', async () => {
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    const repository = `${registry.host}/libos/altered`;
    const target = openTarget(repository);
    const artifact = await pushArtifact(target);
    const reference = `${repository}@${artifact.digest}`;
    await bunnyDone(['sign', reference, '--key', 'bunny.key'], { cwd, env });
    for (const { name, verifies } of judges) assert.equal(await verifies(reference, 'bunny.pub'), true, name);

    const tag = `${artifact.digest.replace(':', '-')}.sig`;
    const image = await documentAt(target, tag);
    const [layer] = image.layers;
    assert.ok(layer !== undefined);
    const payload = Buffer.concat([await readBytes(target, layer), Buffer.from(' ')]);
    const altered = await pushBytes(target, layer.mediaType, payload, {
      annotations: layer.annotations ?? {},
    });
    await target.tag(await packManifest(target, { ...image, layers: [altered] }), tag);

    const [referrer] = await target.referrers(artifact);
    assert.ok(referrer !== undefined);
    const manifest = await documentAt(target, referrer.digest);
    const [content] = manifest.layers;
    assert.ok(content !== undefined);
    const bundle = JSON.parse(Buffer.from(await readBytes(target, content)).toString());
    const statement = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    bundle.dsseEnvelope.payload = Buffer.from(`${statement} `).toString('base64');
    const layers = [await pushBytes(target, content.mediaType, Buffer.from(JSON.stringify(bundle)))];
    await target.delete(referrer.digest);
    await packManifest(target, { ...manifest, layers });

    for (const { name, verifies } of judges)
      assert.equal(await verifies(reference, 'bunny.pub'), false, name);
    const error = await bunnyError(['verify', reference, '--key', 'bunny.pub', '--binds', 'digest'], { cwd });
    assert.deepEqual([error.code, error.details.length], ['BUNNY_ESIGNATURE', 2]);
  });

  it('of every kind of key are taken alike', async () => {
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    const repository = `${registry.host}/libos/kinds`;
    const target = openTarget(repository);
    const kinds = [
      ['p384', 'ec', { namedCurve: 'P-384' }],
      ['p521', 'ec', { namedCurve: 'P-521' }],
      ['rsa', 'rsa', { modulusLength: 3072 }],
      ['ed25519', 'ed25519', {}],
    ] as const;
    for (const [name, type, options] of kinds) {
      const { privateKey, publicKey } = generateKeyPairSync(
        type as 'rsa',
        options as { modulusLength: number },
      );
      await writeFile(join(cwd, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
      await writeFile(join(cwd, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
      const reference = `${repository}@${(await pushArtifact(target)).digest}`;
      await bunnyDone(['sign', reference, '--key', `${name}.pem`], { cwd });
      assert.equal(await bunnyVerifies(reference, `${name}.pub`), true);
      for (const judge of judges)
        assert.equal(await judge.verifies(reference, `${name}.pub`), true, `${judge.name} ${name}`);
    }
  });

  it('of a version are those of its variants; a copy is worth as much as at home', async () => {
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    const home = `${registry.host}/libos`;
    await bunnyDone(['publish', sources, '--to', home], { store });
    const version = `${home}/tiny/one:1.0.0`;
    const signed = await bunnyJson<SignedResult>(['sign', version, '--key', 'bunny.key'], { cwd, env });
    assert.equal(signed.artifacts.length, 4);
    const again = await bunnyJson<SignedResult>(['sign', version, '--key', 'bunny.key'], { cwd, env });
    assert.deepEqual(
      again.artifacts.flatMap(({ written }) => written),
      [],
    );
    const found = await bunnyJson<Verified>(['verify', version, '--key', 'bunny.pub'], { cwd });
    assert.deepEqual(
      found.artifacts.map(({ signers }) => signers.length),
      [1, 1, 1, 1],
    );

    // The whole registry under another name: it is signed for its home, and for nothing else.
    const copied = await temporaryDirectory('moved');
    await cp(registry.storage, copied, { recursive: true });
    const mirror = await startDockerRegistry();
    stop = [...stop, () => mirror.stop()];
    await cp(copied, mirror.storage, { recursive: true });
    const there = `${mirror.host}/libos/tiny/one:1.0.0`;
    const error = await bunnyError(['verify', there, '--key', 'bunny.pub'], { cwd });
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_ESIGNATURE']);
    assert.match(error.details.join('\n'), new RegExp(`it is for ${home}/tiny/one, not for ${mirror.host}`));
    await bunnyDone(['verify', there, '--key', 'bunny.pub', '--as', `${home}/tiny/one`], { cwd });
  });

  it('of a lock cover all that it pins, tooling too, and follow a mirror', async () => {
    const app = await temporaryDirectory('app');
    await cp(join(cwd, 'bunny.pub'), join(app, 'bunny.pub'));
    await cp(join(cwd, 'bunny.key'), join(app, 'bunny.key'));
    const registry = await startDockerRegistry();
    stop = [...stop, () => registry.stop()];
    const home = `${registry.host}/libos`;
    await bunnyDone(['publish', sources, '--to', home], { store });
    const bunnyfile = ['version: v0.1', 'name: app', 'platforms: { framework: tiny }'];
    await writeFile(
      join(app, 'Bunnyfile'),
      [
        ...bunnyfile,
        `registries: [${home}]`,
        'dependencies: { one: ^1.0 }',
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
    await bunnyDone(['resolve'], { cwd: app, store });
    const options = { cwd: app, env };
    const unsigned = await bunny(['verify', '--key', 'bunny.pub', '--json'], options);
    assert.equal(unsigned.status, 4);
    const verdict = JSON.parse(unsigned.stdout) as Verified;
    assert.deepEqual(
      verdict.artifacts.map(({ label, code }) => [label, code]),
      [
        ['one 1.0.0', 'BUNNY_EUNSIGNED'],
        ['tooling 1.0.0', 'BUNNY_EUNSIGNED'],
      ],
    );
    assert.match(unsigned.stderr, /BUNNY_EUNSIGNED\]: one 1\.0\.0[\s\S]*BUNNY_EUNSIGNED\]: tooling 1\.0\.0/);
    await bunnyDone(['sign', '--lock', 'bunny.lock', '--key', 'bunny.key'], options);
    await bunnyDone(['verify', '--key', 'bunny.pub'], options);

    const layout = `oci:${app}/mirror`;
    await bunnyDone(['mirror', '--to', layout], { cwd: app, store });
    // One digit of the lock, and the signature is for something else.
    const text = await readFile(join(app, 'bunny.lock'), 'utf8');
    const { layerHash = '' } = verdict.artifacts[0] ?? {};
    const edited = layerHash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    assert.ok(text.includes(layerHash));
    await writeFile(join(app, 'edited.lock'), text.replaceAll(layerHash, edited));
    const error = await bunnyError(
      ['verify', 'edited.lock', '--key', 'bunny.pub', '--from', layout],
      options,
    );
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_ESIGNATURE']);
    assert.match(error.details.join('\n'), /another layer hash/);

    await registry.stop();
    await bunnyDone(['verify', 'bunny.lock', '--key', 'bunny.pub', '--from', layout], options);
    const gone = await bunnyError(['verify', '--key', 'bunny.pub'], options);
    assert.equal(gone.status, 3, 'that a registry does not answer is not that nothing is signed');
  });

  it('are asked for in a way that can be answered', async () => {
    const cases: [string[], string][] = [
      [['sign', '--key', 'bunny.key'], 'BUNNY_EUSAGE'],
      [['sign', 'oci:x:y:1', '--lock', 'bunny.lock', '--key', 'bunny.key'], 'BUNNY_EUSAGE'],
      [['sign', 'oci:x:y:1', '--key', 'bunny.pub'], 'BUNNY_EKEY'],
      [['sign', 'oci:x', '--key', 'bunny.key'], 'BUNNY_EREFERENCE'],
      [['verify', 'oci:x:y/z', '--key', 'bunny.pub'], 'BUNNY_EREFERENCE'],
      [['verify', 'none.lock', '--key', 'bunny.pub'], 'BUNNY_ENOFILE'],
      [['verify', 'oci:x:y:1', '--key', 'bunny.key'], 'BUNNY_EKEY'],
      [['verify', 'oci:x:y:1'], 'BUNNY_EUSAGE'],
    ];
    for (const [words, code] of cases) {
      const error = await bunnyError(words, { cwd, env });
      assert.deepEqual([error.status, error.code], [2, code], words.join(' '));
    }
    const wrong = await bunnyError(['sign', 'oci:x:y:1', '--key', 'bunny.key', '--password-stdin'], {
      cwd,
      input: 'no',
    });
    assert.deepEqual([wrong.status, wrong.code], [2, 'BUNNY_EKEY']);
    assert.match(wrong.message, /passphrase does not open/);
  });
});
