import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { runKillCampaign } from './kill-campaign.js';

/** `scripts/soak` does this 300 times. */
describe('killed at random instants', function () {
  this.timeout(60_000);
  let scratch: string;
  before(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'bunny-kills-'));
  });
  after(() => removeTree(scratch));

  it('publishers and pullers lose nothing that an image layout acknowledged', async () => {
    const result = await runKillCampaign(`oci:${scratch}/layout:app`, path.join(scratch, 'store-a'), 6, 1);
    assert.ok(result.kills >= 6);
  });

  it('publishers and pullers lose nothing that a registry acknowledged', async () => {
    const registry = await startDockerRegistry();
    try {
      const result = await runKillCampaign(`${registry.host}/app`, path.join(scratch, 'store-b'), 6, 2);
      assert.ok(result.kills >= 6);
    } finally {
      await registry.remove();
    }
  });
});
