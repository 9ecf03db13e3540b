import assert from 'node:assert/strict';
import { join } from 'node:path';
import { temporaryDirectory } from 'bunny-libos-testing/files/temporary.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { runConcurrentPublishers } from './concurrent-publishers.js';

/** `scripts/soak publishers` does this 200 times on each. */
describe('two publishers of different variants of one version at the same instant', function () {
  this.timeout(60_000);

  it('are both there afterwards, in index and catalog too, on a registry', async () => {
    const registry = await startDockerRegistry();
    try {
      const scratch = await temporaryDirectory('publishers');
      assert.equal(await runConcurrentPublishers(`${registry.host}/libos`, scratch, 4), 4);
    } finally {
      await registry.stop();
    }
  });

  it('are both there afterwards, in index and catalog too, in an image layout', async () => {
    const scratch = await temporaryDirectory('publishers');
    assert.equal(await runConcurrentPublishers(`oci:${join(scratch, 'registry')}`, scratch, 4), 4);
  });
});
