import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { indexType } from '../src/content/descriptor.js';
import { Network } from '../src/registry/network.js';
import { openTarget } from '../src/registry/open-target.js';

describe('the way to list referrers', () => {
  const registry = new SpecRegistry();
  before(() => registry.start());
  after(() => registry.stop());
  afterEach(() => {
    registry.options = {};
    registry.seen.length = 0;
  });

  const asked = (): string[] =>
    registry.seen.map(({ path }) => path.replace(/sha256[:-][0-9a-f]+/, 'D').replace(/^\/v2\//, ''));

  it('is asked of a registry once, for all its repositories', async () => {
    registry.options.noReferrers = true;
    const network = new Network({ credentials: async () => undefined });
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`));
    registry.seen.length = 0;
    for (const name of ['a', 'a', 'b'])
      assert.deepEqual(await network.open(`${registry.host}/${name}`).referrers(manifest), []);
    assert.deepEqual(asked(), ['a/referrers/D', 'a/manifests/D', 'a/manifests/D', 'b/manifests/D']);
  });

  it('is shared by all targets that are opened without options, and by no others', async () => {
    registry.options.noReferrers = true;
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/shared`));
    await openTarget(`${registry.host}/shared`).referrers(manifest);
    registry.seen.length = 0;
    await openTarget(`${registry.host}/shared`).referrers(manifest);
    assert.deepEqual(asked(), ['shared/manifests/D']);
    registry.seen.length = 0;
    const options = { credentials: async () => undefined };
    for (let i = 0; i < 2; i++) await openTarget(`${registry.host}/shared`, options).referrers(manifest);
    assert.equal(asked().filter((each) => each === 'shared/referrers/D').length, 2);
  });

  it('by tag takes the first 64 digits of a digest, and replaces nothing that is no list', async () => {
    registry.options.noReferrers = true;
    const target = openTarget(`${registry.host}/tagged`, { credentials: async () => undefined });
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] }));
    const hex = createHash('sha512').update(bytes).digest('hex');
    const subject = { mediaType: indexType, digest: `sha512:${hex}`, size: bytes.length };
    const { manifest } = await pushArtifact(target, { subject });
    assert.deepEqual(await target.tags(), [`sha512-${hex.slice(0, 64)}`]);
    assert.deepEqual(
      (await target.referrers(subject)).map(({ digest }) => digest),
      [manifest.digest],
    );

    const taken = `sha256-${'a'.repeat(64)}`;
    await target.tag(manifest, taken);
    const other = { ...subject, digest: taken.replace('-', ':') };
    assert.deepEqual(await target.referrers(other), []);
    await assert.rejects(pushArtifact(target, { subject: other }), { code: 'BUNNY_EMANIFEST' });
    assert.equal((await target.resolve(taken))?.digest, manifest.digest);
  });

  it('is changed where the registry does not know a referrer for a moment', async () => {
    registry.options = { noReferrers: true, unknownAtFirst: true };
    const target = openTarget(`${registry.host}/moment`, { credentials: async () => undefined });
    const { manifest: subject } = await pushArtifact(target);
    const { manifest } = await pushArtifact(target, { subject });
    assert.deepEqual(
      (await target.referrers(subject)).map(({ digest }) => digest),
      [manifest.digest],
    );
  });

  it('is not learned from a repository that is not there', async () => {
    registry.options.noUnknownReferrers = true;
    const options = { credentials: async () => undefined };
    const there = openTarget(`${registry.host}/there`, { ...options });
    const { manifest: subject } = await pushArtifact(there);
    const { manifest } = await pushArtifact(there, { subject });
    assert.deepEqual(await openTarget(`${registry.host}/absent`, options).referrers(subject), []);
    const found = await openTarget(`${registry.host}/there`, options).referrers(subject);
    assert.deepEqual(
      found.map(({ digest }) => digest),
      [manifest.digest],
    );
  });
});
