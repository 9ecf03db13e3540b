import assert from 'node:assert/strict';
import { openTarget } from '../src/index.js';
import { pushArtifact } from './artifacts.js';
import { SpecRegistry } from './spec-registry.js';

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
    const options = { credentials: async () => undefined };
    const { manifest } = await pushArtifact(openTarget(`${registry.host}/a`));
    registry.seen.length = 0;
    for (const name of ['a', 'a', 'b'])
      assert.deepEqual(await openTarget(`${registry.host}/${name}`, options).referrers(manifest), []);
    assert.deepEqual(asked(), ['a/referrers/D', 'a/manifests/D', 'a/manifests/D', 'b/manifests/D']);
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
