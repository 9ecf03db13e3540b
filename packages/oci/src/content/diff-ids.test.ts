import assert from 'node:assert/strict';
import { readDiffIds } from './diff-ids.js';

describe('the digests of layers before they were compressed', () => {
  const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('c'), size: 1 };
  const read = (config: unknown, layers = 1) =>
    readDiffIds(Buffer.from(JSON.stringify(config)), { layers: Array(layers).fill(layer) }, 'here');

  it('are as many as the layers', () => {
    const diff_ids = [digest('a'), digest('b')];
    assert.deepEqual(read({ rootfs: { type: 'layers', diff_ids } }, 2), diff_ids);
    assert.deepEqual(read({ rootfs: { diff_ids: [] } }, 0), []);
    for (const layers of [0, 1, 3]) assert.equal(read({ rootfs: { diff_ids } }, layers), undefined);
  });

  it('are none where one of them is not a digest, or there is no list', () => {
    for (const wrong of [7, null, '', 'root', 'sha256:0', digest('A'), [digest('a')]])
      assert.equal(read({ rootfs: { diff_ids: [wrong] } }), undefined, JSON.stringify(wrong));
    const configs = [null, [], 'text', {}, { rootfs: null }, { rootfs: { diff_ids: digest('a') } }];
    for (const config of configs) assert.equal(read(config), undefined, JSON.stringify(config));
    assert.throws(() => readDiffIds(Buffer.from('{'), { layers: [] }, 'here'), { code: 'BUNNY_EMANIFEST' });
    assert.throws(() => readDiffIds(Buffer.from('{"rootfs":{},"rootfs":{}}'), { layers: [] }, 'here'), {
      code: 'BUNNY_EMANIFEST',
    });
  });
});
