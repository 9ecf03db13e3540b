import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  copy,
  type Descriptor,
  indexType,
  openTarget,
  pushBytes,
  removeTree,
  type Target,
} from '../src/index.js';
import { pushArtifact } from './artifacts.js';

describe('a copy with referrers', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-copy-'));
  });
  after(() => removeTree(directory));

  const pushIndex = (target: Target, manifests: Descriptor[], subject: Descriptor) =>
    pushBytes(
      target,
      indexType,
      Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests, subject })),
    );

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
});
