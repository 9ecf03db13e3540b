import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { runKillCampaign } from '../test/kill-campaign.js';

/**
 * The campaign of kills in full: half on an image layout, half on docker-registry.
 * `scripts/soak oci-kills [KILLS] [SEED]`
 */
const [kills = '300', seed = '1'] = process.argv.slice(2);
const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-soak-'));
const registry = await startDockerRegistry();
try {
  const half = Math.ceil(Number(kills) / 2);
  for (const [name, reference] of [
    ['image layout', `oci:${scratch}/layout:app`],
    ['docker-registry', `${registry.host}/app`],
  ] as const) {
    const result = await runKillCampaign(reference, path.join(scratch, name), half, Number(seed));
    console.log(
      `${name}: ${result.kills} kills; all of ${result.acknowledged} acknowledged artifacts are there, ` +
        'the store verifies clean, the next run completes',
    );
  }
} finally {
  await registry.remove();
  await removeTree(scratch);
}
