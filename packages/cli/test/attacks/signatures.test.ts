import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Descriptor,
  isIndex,
  type Manifest,
  manifestType,
  openTarget,
  packManifest,
  parseManifest,
  pushBytes,
  type Target,
} from 'bunny-libos-oci';
import { bunnyDone, bunnyError } from 'bunny-libos-testing/command/bunny.js';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';
import { removeTags, variantTags } from 'bunny-libos-testing/registries/layout-tags.js';

const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/**
 * A namespace whose publisher signs, an app that takes nothing else, and somebody who may do what they like to the registry.
 * Each attack is made on a registry and by an app of its own, and has to end in the error that names it.
 */
describe('a registry that lies about what is signed', function () {
  this.timeout(120_000);
  const env = { COSIGN_PASSWORD: '' };
  let origin: string;
  let app: string;
  let store: string;
  let directory: string;
  let policy: string;

  before(async () => {
    origin = await temporaryDirectory('origin');
    const making = { cwd: origin, store: join(origin, 'store'), env };
    for (const name of ['libos', 'mallory']) await bunnyDone(['keygen', name], making);
    const sources = await temporaryDirectory('tiny');
    await writeTinyLibos(sources);
    await writeTinyVersion(sources, '1.0.0');
    await bunnyDone(['publish', sources, '--to', 'oci:registry', '--sign-key', 'libos.key'], making);
    await cp(join(origin, 'registry'), join(origin, 'before'), { recursive: true });
    await writeTinyVersion(sources, '1.1.0');
    await bunnyDone(['publish', sources, '--to', 'oci:registry', '--sign-key', 'libos.key'], making);
    policy = JSON.stringify({
      keys: { libos: await readFile(join(origin, 'libos.pub'), 'utf8') },
      rules: [{ match: 'oci:tiny/**', signers: ['libos'], rollback: 'refuse' }],
    });
  });
  beforeEach(async () => {
    app = await temporaryDirectory('app');
    store = await temporaryDirectory('store');
    directory = join(app, 'registry');
    await cp(join(origin, 'registry'), directory, { recursive: true });
    await writeFile(join(app, 'bunny-policy.yaml'), policy);
    await bunnyfile('one');
  });

  const options = () => ({ cwd: app, store, env });
  const bunnyfile = (name: string, framework = 'tiny') =>
    writeFile(
      join(app, 'Bunnyfile'),
      [
        'version: v0.1',
        'name: app',
        `platforms: { framework: ${framework} }`,
        'registries: [oci:registry]',
        `dependencies: { ${name}: ^1.0 }`,
        'targets: [amd64/linuxu]',
        '',
      ].join('\n'),
    );
  const repository = (name = 'one', framework = 'tiny') =>
    openTarget(`oci:${directory}:${framework}/${name}`);
  const resolves = () => bunnyDone(['resolve'], options());
  const refused = async (code: string, words = ['resolve']) => {
    const error = await bunnyError(words, options());
    assert.equal(error.code, code, `${error.message}\n${error.details.join('\n')}`);
    assert.equal(error.status, code === 'BUNNY_EMETADATA' ? 3 : 4);
    return error;
  };
  const lock = () => readFile(join(app, 'bunny.lock'), 'utf8');
  const tagsOf = async (version: string) =>
    [...(await variantTags(directory))].filter(([name]) => name.startsWith(`tiny/one:${version}_`));
  const manifestOf = async (target: Target, reference: string): Promise<Manifest> => {
    const found = await target.fetchManifest(reference);
    assert.ok(found !== undefined);
    const document = parseManifest(found.bytes, found.descriptor.mediaType, reference);
    assert.ok(!isIndex(document));
    return document;
  };
  /** Another manifest for a variant: the same metadata with other objects. */
  const forged = async (digest: string, target = repository()): Promise<Descriptor> => {
    const { artifactType, config, layers, annotations } = await manifestOf(target, digest);
    const [layer] = layers;
    assert.ok(layer !== undefined);
    const other = await pushBytes(target, layer.mediaType, Buffer.from('other objects'));
    return packManifest(target, { artifactType, config, layers: [other], annotations });
  };
  const statements = async (version: string) =>
    (await repository().tags()).filter((tag) => tag.startsWith(`${version}_statement-`));

  it('is believed while it does not', async () => {
    await resolves();
    assert.match(await lock(), /"?version"?: "?1\.1\.0/);
  });

  it('with another manifest for a tag', async () => {
    for (const [name, digest] of await tagsOf('1.1.0')) {
      await repository().tag(await forged(digest), name.replace(/^.*:/, ''));
    }
    await removeTags(directory, ['tiny/one:1.1.0']);
    await bunnyDone(['index', 'rebuild', `oci:${directory}:tiny/one`], options());
    const { stderr } = await resolves();
    assert.match(stderr, /one 1\.1\.0 is passed over for 1\.0\.0: .*asks for libos; none of them signed it/);
  });

  it('with a signature that was dropped, after others were seen', async () => {
    await resolves();
    await removeTags(
      directory,
      [...(await statements('1.1.0')), '1.1.0'].map((tag) => `tiny/one:${tag}`),
    );
    await refused('BUNNY_EROLLBACK', ['update']);
  });

  it('with a signature that was dropped, before anybody saw it', async () => {
    const gone = [...(await statements('1.1.0')), ...(await statements('1.0.0')), '1.1.0', '1.0.0'];
    await removeTags(
      directory,
      gone.map((tag) => `tiny/one:${tag}`),
    );
    const error = await refused('BUNNY_EPOLICY');
    assert.match(error.details.join('\n'), /none of them signed it/);
  });

  it('with an older state of all of it', async () => {
    await resolves();
    await cp(join(origin, 'before/index.json'), join(directory, 'index.json'));
    const error = await refused('BUNNY_EROLLBACK', ['update']);
    assert.match(error.message, /oci:tiny\/one does not list any more: 1\.1\.0/);
  });

  it('with an older index of a version: what the list of tags has is read by itself', async () => {
    const [descriptor] = [await repository().resolve('1.0.0')];
    assert.ok(descriptor !== undefined);
    await repository().tag(descriptor, '1.1.0');
    await resolves();
    assert.match(await lock(), /"?version"?: "?1\.1\.0/);
  });

  it('with variants whose entries in the index were exchanged', async () => {
    const found = await repository().fetchManifest('1.1.0');
    assert.ok(found !== undefined);
    const index = JSON.parse(Buffer.from(found.bytes).toString()) as { manifests: Descriptor[] };
    const { manifests } = index;
    const next = (at: number) => manifests[(at + 1) % manifests.length] ?? manifests[at];
    const exchanged = {
      ...index,
      manifests: manifests.map((each, at) => ({ ...each, digest: next(at)?.digest, size: next(at)?.size })),
    };
    const bytes = Buffer.from(JSON.stringify(exchanged));
    await repository().tag(await pushBytes(repository(), found.descriptor.mediaType, bytes), '1.1.0');
    const { stderr } = await resolves();
    assert.match(stderr, /one 1\.1\.0 is passed over/);
    assert.match(await lock(), /"?version"?: "?1\.0\.0/);
  });

  it('with what is signed for another repository: another name, a name that looks alike', async () => {
    const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8')) as {
      manifests: { annotations: Record<string, string> }[];
    };
    for (const name of ['0ne', 'two']) {
      const copies = index.manifests.map((each) => ({
        ...each,
        annotations: Object.fromEntries(
          Object.entries(each.annotations).map(([key, value]) => [
            key,
            value.replace('tiny/one:', `tiny/${name}:`),
          ]),
        ),
      }));
      await writeFile(join(directory, 'index.json'), JSON.stringify({ ...index, manifests: copies }));
      await bunnyfile(name);
      // It says of itself what it is, and its statement where it is at home.
      await refused('BUNNY_EMETADATA');
    }
  });

  it('with a lock of which one digest was edited', async () => {
    await resolves();
    const [, digest] = (await tagsOf('1.1.0'))[0] ?? [];
    const text = await lock();
    const locked = [...(await tagsOf('1.1.0'))].find(([, each]) => text.includes(each))?.[1];
    assert.ok(locked !== undefined && digest !== undefined);
    const other = await forged(locked);
    await writeFile(join(app, 'bunny.lock'), text.replaceAll(locked, other.digest));
    for (const words of [['fetch'], ['build'], ['build', '--frozen']]) {
      const error = await refused('BUNNY_EPOLICY', words);
      assert.match(error.details.join('\n'), new RegExp(`oci:tiny/one@${other.digest}`));
    }
  });

  it('before it in the list: a name that somebody else took there is not theirs', async () => {
    await cp(directory, join(app, 'evil'), { recursive: true });
    const evil = openTarget(`oci:${join(app, 'evil')}:tiny/one`);
    const all = [...(await tagsOf('1.0.0')), ...(await tagsOf('1.1.0'))];
    await removeTags(join(app, 'evil'), ['tiny/one:1.0.0', 'tiny/one:1.1.0']);
    for (const [name, digest] of all) await evil.tag(await forged(digest, evil), name.replace(/^.*:/, ''));
    const text = await readFile(join(app, 'Bunnyfile'), 'utf8');
    await writeFile(join(app, 'Bunnyfile'), text.replace('[oci:registry]', '[oci:evil, oci:registry]'));
    await refused('BUNNY_EPOLICY');
  });

  it('with a key that no policy has', async () => {
    await removeTags(
      directory,
      [...(await statements('1.1.0')), ...(await statements('1.0.0')), '1.1.0', '1.0.0'].map(
        (tag) => `tiny/one:${tag}`,
      ),
    );
    for (const version of ['1.0.0', '1.1.0']) {
      await bunnyDone(['index', 'rebuild', `oci:${directory}:tiny/one`], options());
      const words = ['sign', `oci:${directory}:tiny/one:${version}`, '--key', join(origin, 'mallory.key')];
      await bunnyDone([...words, '--form', 'statement'], options());
      await bunnyDone(words, options());
    }
    const error = await refused('BUNNY_EPOLICY');
    assert.match(error.details.join('\n'), /no key that is asked for made it/);
  });

  it('with a bundle of 100 MB, and one that is an attestation about another digest, beside the right ones', async () => {
    const [, digest = ''] = (await tagsOf('1.1.0'))[0] ?? [];
    const target = repository();
    const found = await target.fetchManifest(digest);
    assert.ok(found !== undefined);
    const subject = { mediaType: manifestType, digest, size: found.bytes.length };
    const huge = await pushBytes(target, bundleType, Buffer.alloc(100 * 1024 * 1024, '{'));
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: 'f'.repeat(64) } }],
    };
    const attestation = await pushBytes(
      target,
      bundleType,
      Buffer.from(
        JSON.stringify({
          mediaType: bundleType,
          verificationMaterial: { publicKey: { hint: 'x' } },
          dsseEnvelope: {
            payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
            payloadType: 'application/vnd.in-toto+json',
            signatures: [{ sig: 'AAAA' }],
          },
        }),
      ),
    );
    for (const layer of [huge, attestation]) {
      await packManifest(target, { artifactType: bundleType, layers: [layer], subject });
    }
    const words = ['verify', `oci:${directory}:tiny/one@${digest}`, '--key', join(origin, 'mallory.pub')];
    const error = await bunnyError(words, options());
    assert.deepEqual([error.status, error.code], [4, 'BUNNY_ESIGNATURE']);
    assert.match(error.details.join('\n'), /at most 1048576 are read here/);
    await resolves();
  });

  it('with a variant that a statement names and that is withheld', async () => {
    const [first] = await tagsOf('1.1.0');
    await removeTags(directory, [first?.[0] ?? '']);
    const error = await refused('BUNNY_EROLLBACK');
    assert.match(error.message, /withholds what is stated: 1\.1\.0_/);
  });

  it('with another mirror of the same that has other bytes', async () => {
    await resolves();
    await cp(directory, join(app, 'mirror'), { recursive: true });
    const [locked] = await tagsOf('1.1.0');
    const blob = join(app, 'mirror/blobs/sha256', locked?.[1].slice('sha256:'.length) ?? '');
    const bytes = await readFile(blob);
    bytes[bytes.length - 2] = 32;
    for (const [, digest] of await tagsOf('1.1.0')) {
      await writeFile(join(app, 'mirror/blobs/sha256', digest.slice('sha256:'.length)), bytes);
    }
    // Its bytes are not those of the digest, whoever signed that.
    const fresh = async () => ({ ...options(), store: await temporaryDirectory('store') });
    const { stderr } = await bunnyDone(['fetch', '--from', 'oci:mirror'], await fresh());
    assert.match(stderr, /oci:mirror .*: content has (digest|length)/);
    await rm(directory, { recursive: true });
    const error = await bunnyError(['fetch', '--from', 'oci:mirror'], await fresh());
    assert.equal(error.status, 3, error.code);
  });
});
