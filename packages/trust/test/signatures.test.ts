import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Descriptor,
  emptyType,
  isIndex,
  type Manifest,
  type ManifestParts,
  manifestType,
  OciError,
  openTarget,
  packIndex,
  packManifest,
  parseManifest,
  pushBytes,
  type Target,
} from 'bunny-libos-oci';
import fc from 'fast-check';
import {
  type Binding,
  canonicalRepository,
  checkSignatures,
  readSigningKey,
  type SigningKey,
  type Subject,
  signManifest,
} from '../src/index.js';
import { findSignatures } from '../src/signatures/find.js';

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const layerHash = `sha256:${'ab'.repeat(32)}`;

function newKey(type: 'ec' | 'ed25519' = 'ec'): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync(type as 'ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return readSigningKey(pem, 'test', () => Promise.reject(new Error('not encrypted')));
}

/** The JSON of the manifest that a reference names. */
async function manifestAt(target: Target, reference: string): Promise<Manifest> {
  const fetched = await target.fetchManifest(reference);
  assert.ok(fetched !== undefined, reference);
  const manifest = parseManifest(fetched.bytes, manifestType, reference);
  assert.ok(!isIndex(manifest));
  return manifest;
}

async function bytesOf(target: Target, descriptor: Descriptor): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of target.fetch(descriptor)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('signatures', () => {
  let directory: string;
  let target: Target;
  let key: SigningKey;
  let other: SigningKey;
  let artifact: Descriptor;
  let subject: Subject;

  /** A manifest of its own in a layout of its own. */
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bunny-signatures-'));
    target = openTarget(`oci:${directory}:warren/libc`);
    artifact = await pushArtifact();
    subject = { digest: artifact.digest, repository: 'host/libos/warren/libc', layerHash };
    [key, other] = await Promise.all([newKey(), newKey('ed25519')]);
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function pushArtifact(more: ManifestParts = {}): Promise<Descriptor> {
    const layer = await pushBytes(target, 'text/plain', randomBytes(20));
    return packManifest(target, { artifactType: 'x/y', layers: [layer], ...more });
  }

  /** Attaches bytes as cosign does with a bundle. */
  async function attach(bundle: Uint8Array, to = artifact): Promise<void> {
    const layers = [await pushBytes(target, bundleType, bundle)];
    await pushArtifact({ artifactType: bundleType, layers, subject: to });
  }

  async function judge(by: SigningKey[] = [key], about = subject, binds: Binding = 'layer') {
    const found = await findSignatures(target, artifact);
    const { signers, reasons } = checkSignatures(
      found,
      by.map(({ publicKey }) => publicKey),
      about,
      binds,
    );
    return {
      signers: signers.map(({ author }) => author.id),
      forms: signers.map(({ form }) => form),
      reasons,
    };
  }

  /** The target with other answers to some questions. */
  function changed(answers: Partial<Target>): Target {
    return new Proxy(target, {
      get(real, name) {
        const value = answers[name as keyof Target] ?? real[name as keyof Target];
        return typeof value === 'function' ? value.bind(real) : value;
      },
    });
  }

  /** The bundle that was attached, and the tag's layers. */
  async function written() {
    const [referrer] = await target.referrers(artifact);
    assert.ok(referrer !== undefined);
    const manifest = await manifestAt(target, referrer.digest);
    assert.ok(manifest.layers[0] !== undefined);
    const bundle = JSON.parse((await bytesOf(target, manifest.layers[0])).toString());
    return { referrer, manifest, bundle };
  }
  const tag = () => `${artifact.digest.replace(':', '-')}.sig`;

  it('are written in both forms, once, and count for the key that made them', async () => {
    assert.deepEqual(await signManifest(target, artifact, subject, key), ['bundle', 'tag']);
    assert.deepEqual(await signManifest(target, artifact, subject, key), []);
    assert.equal((await target.referrers(artifact)).length, 1);
    assert.equal((await manifestAt(target, tag())).layers.length, 1);
    assert.deepEqual((await judge()).signers, [key.publicKey.id]);
    assert.deepEqual((await judge([other])).signers, []);
    assert.deepEqual((await judge([other, key])).signers, [key.publicKey.id]);
  });

  it('of several signers stand beside each other', async () => {
    const third = await newKey();
    for (const each of [key, other]) await signManifest(target, artifact, subject, each);
    // At the same time: neither may be lost.
    const two = await newKey();
    await Promise.all([third, two].map((each) => signManifest(target, artifact, subject, each)));
    const all = [key, other, third, two];
    assert.deepEqual((await judge(all)).signers.sort(), all.map(({ publicKey }) => publicKey.id).sort());
    assert.equal((await manifestAt(target, tag())).layers.length, 4);
  });

  it('in one form alone are enough', async () => {
    assert.deepEqual(await signManifest(target, artifact, subject, key, { forms: ['tag'] }), ['tag']);
    assert.deepEqual((await judge()).forms, ['tag']);
    assert.deepEqual(await signManifest(target, artifact, subject, other, { forms: ['bundle'] }), ['bundle']);
    assert.deepEqual((await judge([other])).forms, ['bundle']);
  });

  it('are in the bytes that cosign writes, with repository and layer hash in the signed part', async () => {
    await signManifest(target, artifact, subject, key, { now: new Date('2026-01-02T03:04:05.678Z') });
    const { referrer, manifest, bundle } = await written();
    assert.equal(referrer.artifactType, bundleType);
    assert.deepEqual(manifest.annotations, {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
    });
    assert.deepEqual(bundle.verificationMaterial, { publicKey: { hint: key.publicKey.hint } });
    const [, hex] = artifact.digest.split(':');
    assert.equal(
      Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString(),
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"host/libos/warren/libc","digest":{"sha256":"${hex}"},` +
        `"annotations":{"io.github.bunny-libos.layer-hash":"${layerHash}"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}`,
    );
    const [layer] = (await manifestAt(target, tag())).layers;
    assert.equal(layer?.mediaType, 'application/vnd.dev.cosign.simplesigning.v1+json');
    assert.equal(
      (await bytesOf(target, layer)).toString(),
      `{"critical":{"identity":{"docker-reference":"host/libos/warren/libc"},"image":{"docker-manifest-digest":"${artifact.digest}"},` +
        `"type":"cosign container image signature"},"optional":{"io.github.bunny-libos.layer-hash":"${layerHash}"}}`,
    );
  });

  it('are worth nothing for another digest, repository or layer hash', async () => {
    await signManifest(target, artifact, subject, key);
    for (const wrong of [
      { ...subject, repository: 'host/libos/warren/net' },
      { ...subject, repository: 'host/libos/Warren/libc' },
      { ...subject, repository: 'host/libos/warren/libс' },
      { ...subject, layerHash: layerHash.replace('ab', 'ba') },
      { ...subject, layerHash: undefined },
    ]) {
      const { signers, reasons } = await judge([key], wrong);
      assert.deepEqual(signers, [], JSON.stringify(wrong));
      assert.equal(reasons.length, 2, JSON.stringify(reasons));
      // The digest is right, and that is all that is asked for here.
      assert.equal((await judge([key], wrong, 'digest')).signers.length, 1);
    }
    // Copied to another manifest, by its subject, its tag, or both.
    const { bundle } = await written();
    const image = await target.fetchManifest(tag());
    const signed = artifact;
    artifact = await pushArtifact();
    await attach(Buffer.from(JSON.stringify(bundle)));
    assert.ok(image !== undefined);
    await target.tag(image.descriptor, tag());
    for (const binds of ['layer', 'digest'] as const) {
      const { signers, reasons } = await judge([key], { ...subject, digest: artifact.digest }, binds);
      assert.deepEqual(signers, []);
      assert.equal(reasons.filter((each) => each.includes('about another digest')).length, 2, reasons.join());
    }
    assert.notEqual(signed.digest, artifact.digest);
  });

  it('that say less, as those of cosign, bind the digest alone', async () => {
    await signManifest(target, artifact, { ...subject, layerHash: undefined }, key);
    const { signers, reasons } = await judge();
    assert.deepEqual(signers, []);
    assert.match(reasons.join(), /binds the digest alone/);
    assert.equal((await judge([key], subject, 'digest')).signers.length, 1);
    // What has no layer hash is bound by its repository.
    assert.equal((await judge([key], { ...subject, layerHash: undefined })).signers.length, 1);
  });

  it('that were altered in any byte count no more', async () => {
    await signManifest(target, artifact, subject, key, { forms: ['bundle'] });
    const { bundle, referrer } = await written();
    await target.delete(referrer.digest);
    const text = Buffer.from(JSON.stringify(bundle));
    const good = JSON.stringify(bundle.dsseEnvelope);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const altered = Buffer.from(text);
        altered[at] = (altered[at] ?? 0) ^ change;
        await attach(altered);
        const { signers } = await judge([key], subject, 'digest');
        for (const each of await target.referrers(artifact)) await target.delete(each.digest);
        if (signers.length === 0) return;
        // What the signature is of must be as it was.
        assert.equal(JSON.stringify(JSON.parse(altered.toString()).dsseEnvelope), good);
      }),
      { numRuns: 60 },
    );
  });

  it('are refused, each with its reason, where a bundle is no such one', async () => {
    await signManifest(target, artifact, subject, key, { forms: ['bundle'] });
    const { bundle, referrer } = await written();
    await target.delete(referrer.digest);
    const { dsseEnvelope, verificationMaterial } = bundle;
    const [signature] = dsseEnvelope.signatures;
    const text = JSON.stringify(bundle);
    const resigned = (statement: unknown) => {
      const payload = Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement));
      const type = dsseEnvelope.payloadType;
      const sig = Buffer.from(
        key.sign(Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])),
      );
      return {
        ...bundle,
        dsseEnvelope: {
          ...dsseEnvelope,
          payload: payload.toString('base64'),
          signatures: [{ sig: sig.toString('base64') }],
        },
      };
    };
    const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
    const cases: [unknown, RegExp][] = [
      [text.slice(0, -1), /cannot be read/],
      [text.slice(0, 300), /cannot be read/],
      ['', /cannot be read/],
      ['[]', /no object/],
      [text.replace('{"mediaType"', '{"mediaType":"x","mediaType"'), /twice/],
      [{ ...bundle, mediaType: 'application/vnd.dev.sigstore.bundle.v9+json' }, /unknown version/],
      [{ ...bundle, verificationMaterial: undefined }, /no object/],
      [{ ...bundle, verificationMaterial: { certificate: { rawBytes: 'AAAA' } } }, /certificate/],
      [{ mediaType: bundleType, verificationMaterial, messageSignature: {} }, /no statement/],
      [{ ...bundle, dsseEnvelope: { ...dsseEnvelope, payloadType: 'text/plain' } }, /no in-toto/],
      [{ ...bundle, dsseEnvelope: { ...dsseEnvelope, payload: '****' } }, /no base64/],
      [{ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures: [] } }, /exactly one/],
      [{ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures: [signature, signature] } }, /exactly one/],
      [{ ...bundle, dsseEnvelope: { ...dsseEnvelope, signatures: [{ sig: 7 }] } }, /no base64/],
      [resigned('not JSON'), /cannot be read/],
      [resigned({ ...statement, predicateType: 'https://slsa.dev/provenance/v1' }), /an attestation/],
      [resigned({ ...statement, _type: 'https://in-toto.io/Statement/v2' }), /no in-toto/],
      [resigned({ ...statement, subject: [] }), /another digest/],
      [resigned({ ...statement, subject: [null] }), /no object/],
      [
        resigned({ ...statement, subject: [{ name: 'x', digest: { sha512: artifact.digest.slice(7) } }] }),
        /another digest/,
      ],
      [resigned({ ...statement, subject: [{ ...statement.subject[0], name: 7 }] }), /no text/],
    ];
    for (const [value, reason] of cases) {
      await attach(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
      const { signers, reasons } = await judge([key], subject, 'digest');
      assert.deepEqual(signers, [], String(reason));
      assert.match(reasons.join(), reason);
      for (const each of await target.referrers(artifact)) await target.delete(each.digest);
    }
    await attach(Buffer.from(JSON.stringify(resigned(statement))));
    assert.equal((await judge()).signers.length, 1, 'what is made here and not spoilt counts');
    // A good one beside a bad one counts.
    await attach(Buffer.from('{}'));
    assert.equal((await judge()).signers.length, 1);
  });

  it('are not read where they are larger than any can be', async () => {
    await signManifest(target, artifact, subject, key);
    let asked = 0;
    const vast = changed({
      referrers: async () => [
        ...(await target.referrers(artifact)),
        { mediaType: manifestType, digest: `sha256:${'0'.repeat(64)}`, size: 700 },
      ],
      fetchManifest: async (reference: string) => {
        if (!reference.endsWith('0'.repeat(64))) return target.fetchManifest(reference);
        const layer = { mediaType: bundleType, digest: `sha256:${'1'.repeat(64)}`, size: 100 * 1024 * 1024 };
        const config = { mediaType: emptyType, digest: layer.digest, size: 2 };
        const bytes = Buffer.from(
          JSON.stringify({
            schemaVersion: 2,
            mediaType: manifestType,
            config,
            layers: [layer],
            subject: artifact,
          }),
        );
        return { descriptor: { mediaType: manifestType, digest: reference, size: bytes.length }, bytes };
      },
      fetch: (descriptor: Descriptor) => {
        if (descriptor.size > 10_000_000) asked++;
        return target.fetch(descriptor);
      },
    });
    const found = await findSignatures(vast, artifact);
    assert.equal(asked, 0);
    assert.match(found.unusable.map(({ reason }) => reason).join(), /104857600 bytes/);
    assert.equal(checkSignatures(found, [key.publicKey], subject, 'layer').signers.length, 1);
  });

  it('are not "none" where the registry does not tell', async () => {
    const broken = new OciError('BUNNY_ENETWORK', 'no way', { where: 'here', hint: 'wait' });
    for (const method of ['referrers', 'fetchManifest'] as const) {
      const silent = changed({ [method]: () => Promise.reject(broken) });
      await assert.rejects(findSignatures(silent, artifact), { code: 'BUNNY_ENETWORK' });
    }
  });

  it('leave alone what has their tag and is something else', async () => {
    const index = 'application/vnd.oci.image.index.v1+json';
    await target.tag(await packIndex(target, { manifests: [artifact] }), tag());
    await assert.rejects(signManifest(target, artifact, subject, key), { code: 'BUNNY_EMANIFEST' });
    assert.match((await judge()).reasons.join(), /an index, not an image/);
    assert.equal((await target.resolve(tag()))?.mediaType, index);
  });
});

describe('the canonical name of a repository', () => {
  it('is without tag, digest, and the directory of a layout', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    for (const [reference, name] of [
      ['Host.example:5000/libos/warren/libc:1.0.0', 'host.example:5000/libos/warren/libc'],
      [`localhost:5000/libc@${digest}`, 'localhost:5000/libc'],
      ['oci:some/where:warren/libc:1.0.0', 'oci:warren/libc'],
      [`oci:/abs:libc@${digest}`, 'oci:libc'],
    ] as const) {
      assert.equal(canonicalRepository(reference), name);
    }
    assert.throws(() => canonicalRepository('nothing'), { code: 'BUNNY_EREFERENCE' });
  });
});
