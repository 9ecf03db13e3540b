import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { runConcurrentPublishers } from '../test/concurrent-publishers.js';

/**
 * Two publishers of different variants of one version at the same instant, ROUNDS (200) times on a registry
 * and as often in an image layout.
 */
const rounds = Number(process.argv[2] ?? 200);

async function campaign(place: string, to: string, scratch: string): Promise<void> {
  const start = performance.now();
  const done = await runConcurrentPublishers(to, scratch, rounds);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${place}: every variant in tags, index and catalog in ${done} of ${rounds} rounds, ${seconds} s`,
  );
}

const registry = await startDockerRegistry();
try {
  await campaign('docker-registry', `${registry.host}/libos`, await temporaryDirectory('soak-publishers'));
  const scratch = await temporaryDirectory('soak-publishers');
  await campaign('image layout', `oci:${join(scratch, 'registry')}`, scratch);
} finally {
  await registry.stop();
}
