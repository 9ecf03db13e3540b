import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { pushBytes } from '../src/content/content.js';
import { copy } from '../src/content/copy.js';
import type { Descriptor } from '../src/content/descriptor.js';
import { digestOf } from '../src/content/digest.js';
import { packIndex, packManifest } from '../src/content/manifest-writing.js';
import type { Target } from '../src/content/target.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { openTarget } from '../src/registry/open-target.js';

describe('a copy with referrers', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-copy-'));
  });
  after(() => removeTree(directory));

  const pushIndex = (target: Target, manifests: Descriptor[], subject: Descriptor) =>
    packIndex(target, { manifests, subject });

  it('ends where indexes list what they refer to, by themselves and by way of one another', async () => {
    const [from, to] = ['from', 'to'].map((name) => openTarget(`oci:${directory}/${name}`)) as [
      Target,
      Target,
    ];
    const { manifest } = await pushArtifact(from, { tag: 'v1' });
    const other = await pushArtifact(from);
    const first = await pushIndex(from, [manifest, other.manifest], manifest);
    const second = await pushIndex(from, [first], other.manifest);
    await copy(from, to, 'v1', { referrers: true });
    assert.deepEqual(await to.referrers(manifest), [first]);
    assert.deepEqual(await to.referrers(other.manifest), [second]);
    assert.ok(await to.exists(other.layer));
  });

  const fresh = (): [Target, Target] => {
    const scratch = mkdtempSync(path.join(directory, 'pair-'));
    return [openTarget(`oci:${scratch}/from`), openTarget(`oci:${scratch}/to`)];
  };

  it('takes along what cosign 2 attaches by tags, and what that is signed with', async () => {
    const [from, to] = fresh();
    const { manifest } = await pushArtifact(from, { tag: 'v1' });
    const name = manifest.digest.replace(':', '-');
    const signature = await pushArtifact(from, { tag: `${name}.sig` });
    const attestation = await pushArtifact(from, { tag: `${name}.att` });
    const nested = await pushArtifact(from, { tag: `${attestation.manifest.digest.replace(':', '-')}.sig` });
    await pushArtifact(from, { tag: `sha256-${'0'.repeat(64)}.sig` });
    await copy(from, to, 'v1', { referrers: true });
    const wanted = [signature, attestation, nested].map((each) => each.manifest.digest);
    const tags = (await to.tags()).filter((tag) => tag !== 'v1');
    const found = await Promise.all(tags.map(async (tag) => (await to.resolve(tag))?.digest));
    assert.deepEqual(found.sort(), wanted.sort());
    assert.ok(await to.exists(signature.layer));
    const [, plain] = fresh();
    await copy(from, plain, 'v1');
    assert.deepEqual(await plain.tags(), ['v1']);
  });

  it('takes no signature away that the destination has', async () => {
    const [from, to] = fresh();
    const { manifest } = await pushArtifact(from, { tag: 'v1' });
    const tag = `${manifest.digest.replace(':', '-')}.sig`;
    await pushArtifact(from, { tag });
    const theirs = await pushArtifact(to, { tag });
    const notices: string[] = [];
    await copy(from, to, 'v1', { referrers: true, onNotice: (text) => notices.push(text) });
    assert.equal((await to.resolve(tag))?.digest, theirs.manifest.digest);
    assert.match(notices.join(), /holds signatures that .* lacks/);
  });

  it('asks for each tag where the registry does not list them', async () => {
    const registry = await new SpecRegistry().start();
    try {
      const from = openTarget(`${registry.host}/a`, {
        credentials: async () => undefined,
        retry: { attempts: 1 },
      });
      const [, to] = fresh();
      const { manifest } = await pushArtifact(from, { tag: 'v1' });
      const tag = `${manifest.digest.replace(':', '-')}.sbom`;
      await pushArtifact(from, { tag });
      registry.options.tagsStatus = 405;
      await copy(from, to, 'v1', { referrers: true });
      assert.deepEqual(await to.tags(), [tag, 'v1']);
    } finally {
      await registry.stop();
    }
  });

  it('goes on where something else refers to what is copied that is not well formed', async () => {
    const [from, to] = fresh();
    const { manifest, bytes } = await pushArtifact(from, { tag: 'v1' });
    const good = await pushArtifact(from, { subject: manifest });
    // Written past the checks, as another program does.
    const odd = {
      ...JSON.parse(bytes.toString()),
      subject: manifest,
      artifactType: 'bundle+json;version=0.1',
    };
    const layout = path.join(from.name.slice('oci:'.length));
    const text = JSON.stringify(odd);
    writeFileSync(path.join(layout, 'blobs/sha256', digestOf(Buffer.from(text)).slice(7)), text);
    const index = JSON.parse(readFileSync(path.join(layout, 'index.json'), 'utf8'));
    const { mediaType } = manifest;
    const { artifactType } = odd;
    index.manifests.push({ mediaType, artifactType, digest: digestOf(Buffer.from(text)), size: text.length });
    writeFileSync(path.join(layout, 'index.json'), JSON.stringify(index));

    const notices: string[] = [];
    const reader = openTarget(from.name, { onNotice: (line) => notices.push(line) });
    assert.deepEqual(
      (await reader.referrers(manifest)).map(({ digest }) => digest),
      [good.manifest.digest],
    );
    assert.match(notices.join(), /artifactType is not a media type/);
    index.manifests.push({
      ...index.manifests.at(-1),
      annotations: { 'org.opencontainers.image.ref.name': `${manifest.digest.replace(':', '-')}.sig` },
    });
    writeFileSync(path.join(layout, 'index.json'), JSON.stringify(index));
    await copy(reader, to, 'v1', { referrers: true, onNotice: (line) => notices.push(line) });
    assert.equal((await to.referrers(manifest)).length, 1);
    assert.match(notices.at(-1) ?? '', /\.sig is not copied: it is attached to what is, and artifactType/);
  });
});

describe('layers with urls', () => {
  const layersAt = async (target: Target, extra: Partial<Descriptor>): Promise<Descriptor> => {
    const { layer } = await pushArtifact(target);
    const absent = { mediaType: layer.mediaType, digest: `sha256:${'1'.repeat(64)}`, size: 5, ...extra };
    return await packManifest(target, { artifactType: 'application/vnd.test', layers: [layer, absent] });
  };

  it('are left where they are', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-foreign-'));
    try {
      const [from, to] = ['from', 'to'].map((name) => openTarget(`oci:${directory}/${name}`)) as [
        Target,
        Target,
      ];
      const urls = ['http://127.0.0.1:1/layer'];
      for (const mediaType of [
        'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
        'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
        'application/vnd.oci.image.layer.v1.tar+gzip',
      ]) {
        const { digest } = await layersAt(from, { mediaType, urls });
        await copy(from, to, digest);
        assert.equal((await to.resolve(digest))?.digest, digest);
      }
      const { digest } = await layersAt(from, {});
      await assert.rejects(copy(from, to, digest), { code: 'BUNNY_ENOTFOUND' });
    } finally {
      await removeTree(directory);
    }
  });

  it('of an ordinary type travel where the source has them', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-foreign-'));
    try {
      const [from, to] = ['from', 'to'].map((name) => openTarget(`oci:${directory}/${name}`)) as [
        Target,
        Target,
      ];
      const blob = await pushBytes(from, 'application/octet-stream', Buffer.from('here'));
      const { mediaType, digest, size } = blob;
      const manifest = await layersAt(from, { mediaType, digest, size, urls: ['http://127.0.0.1:1/layer'] });
      await copy(from, to, manifest.digest);
      assert.ok(await to.exists(blob));
    } finally {
      await removeTree(directory);
    }
  });
});
