import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pushBytes, readBytes } from '../src/content/content.js';
import { emptyType, imageConfigType, indexType, manifestType } from '../src/content/descriptor.js';
import { indexBytes, packIndex, packManifest } from '../src/content/manifest-writing.js';
import type { Target } from '../src/content/target.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { openTarget } from '../src/registry/open-target.js';

describe('a manifest', () => {
  const artifactType = 'application/vnd.test';
  const empty = {
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    mediaType: emptyType,
    size: 2,
  };
  let directory: string;
  let target: Target;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-packed-'));
    target = openTarget(`oci:${directory}`);
  });
  after(() => removeTree(directory));

  const text = async (tag: string) => Buffer.from((await target.fetchManifest(tag))?.bytes ?? []).toString();

  it('is written with sorted keys, without what is undefined, and with the empty object for what is missing', async () => {
    const annotations = { b: 'é\u2028', a: '"', '10': 'ten', '9': 'nine' };
    const manifest = await packManifest(target, { artifactType, annotations, subject: undefined });
    await target.tag(manifest, 'empty');
    assert.equal(
      await text('empty'),
      `{"annotations":{"10":"ten","9":"nine","a":"\\"","b":"é\u2028"},"artifactType":"${artifactType}",` +
        `"config":${JSON.stringify(empty)},"layers":[${JSON.stringify(empty)}],` +
        `"mediaType":"${manifestType}","schemaVersion":2}`,
    );
    assert.deepEqual(Buffer.from(await readBytes(target, empty)).toString(), '{}');
  });

  it('has the config, layers and subject that it is given', async () => {
    const config = await pushBytes(target, imageConfigType, Buffer.from('{"os":"linux"}'));
    const layer = await pushBytes(target, 'text/plain', Buffer.from('hello'), { annotations: { name: 'x' } });
    const subject = await packManifest(target, { config, layers: [layer] });
    const referrer = await packManifest(target, { artifactType, layers: [layer], subject });
    assert.deepEqual(JSON.parse(Buffer.from(await readBytes(target, subject)).toString()), {
      schemaVersion: 2,
      mediaType: manifestType,
      config,
      layers: [layer],
    });
    assert.deepEqual(
      (await target.referrers(subject)).map((each) => [each.digest, each.artifactType]),
      [[referrer.digest, artifactType]],
    );
  });

  it('must say what it is', async () => {
    const refused = { code: 'BUNNY_EMANIFEST' };
    await assert.rejects(packManifest(target, {}), refused);
    const config = await pushBytes(target, emptyType, Buffer.from('{}'));
    await assert.rejects(packManifest(target, { config }), refused);
  });

  it('may be an index, which keeps the fields that are not known here', async () => {
    const manifest = await packManifest(target, { artifactType });
    const parts = { manifests: [manifest], annotations: { note: 'n' }, future: ['é'] };
    const index = await packIndex(target, parts);
    const bytes = Buffer.from(await readBytes(target, index));
    assert.deepEqual(bytes, indexBytes(parts));
    assert.deepEqual(JSON.parse(bytes.toString()), { ...parts, schemaVersion: 2, mediaType: indexType });
  });
});
