import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { copyOfWarren } from 'bunny-libos-testing/frameworks/warren.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { builtApp, type KillResult, mirrorWarren, runKillCampaign } from '../test/kill-campaign.js';

/**
 * `bunny publish` and `bunny build`, several at once on one store and one registry, killed at KILLS (300)
 * random instants, half of them with a registry and half with an image layout: KILLS SEED. The seed repeats a
 * campaign.
 */
const kills = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

async function campaign(place: string, base: string): Promise<void> {
  const start = performance.now();
  const scratch = await temporaryDirectory('soak-kills');
  const app = await builtApp(base);
  const onRound = (sum: KillResult) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `${place}: ${sum.kills} processes killed, ${sum.survived} ended before; stores clean, ` +
        `${sum.acknowledged} acknowledged variants there, every next run complete, ${seconds} s`,
    );
  };
  await runKillCampaign({ base, app, scratch, kills: Math.ceil(kills / 2), seed, onRound });
}

const registry = await startDockerRegistry();
try {
  const base = `${registry.host}/libos`;
  await mirrorWarren(base);
  await campaign('docker-registry', base);
  await campaign('image layout', (await copyOfWarren()).registry);
} finally {
  await registry.stop();
}
