import assert from 'node:assert/strict';
import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren, warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { builtApp, mirrorWarren, runKillCampaign } from './kill-campaign.js';

/** `scripts/soak command-kills` kills 300 processes. */
describe('publishers and builders killed at random instants', function () {
  this.timeout(120_000);
  before(async function () {
    this.timeout(warrenTimeout);
    await warren();
  });

  it('lose nothing on a registry, and go on', async () => {
    const registry = await startDockerRegistry();
    try {
      const base = `${registry.host}/libos`;
      await mirrorWarren(base);
      const scratch = await temporaryDirectory('kills');
      const { kills } = await runKillCampaign({
        base,
        app: await builtApp(base),
        scratch,
        kills: 4,
        seed: 1,
      });
      assert.ok(kills >= 2);
    } finally {
      await registry.stop();
    }
  });

  it('lose nothing in an image layout, and go on', async () => {
    const { registry: base } = await copyOfWarren();
    const scratch = join(await temporaryDirectory('kills'), 'scratch');
    const { kills } = await runKillCampaign({ base, app: await builtApp(base), scratch, kills: 2, seed: 2 });
    assert.ok(kills >= 2);
  });
});
