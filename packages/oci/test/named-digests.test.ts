import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { FaultProxy } from 'bunny-libos-testing/faults/proxy.js';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { type PushedArtifact, pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import type { Target } from '../src/content/target.js';
import { openTarget } from '../src/registry/open-target.js';

/** `Docker-Content-Digest` of a registry that names other content than was asked for. */
describe('a registry that names another digest', () => {
  let registry: SpecRegistry;
  let proxy: FaultProxy;
  let target: Target;
  let pushed: PushedArtifact;
  /** The requests that it lies to. */
  let lies: (request: IncomingMessage) => boolean;

  beforeEach(async () => {
    lies = () => false;
    registry = await new SpecRegistry().start();
    proxy = await new FaultProxy({
      upstream: registry.host,
      elsewhere: registry.host,
      random: new Random(7),
      choose: (request) => (lies(request) ? 'other digest' : undefined),
    }).start();
    target = openTarget(`${proxy.host}/a`, { credentials: async () => undefined });
    pushed = await pushArtifact(target, { tag: 'v1' });
  });
  afterEach(async () => {
    await proxy.stop();
    await registry.stop();
  });

  it('is not believed where a digest is looked up', async () => {
    assert.deepEqual(await target.resolve(pushed.manifest.digest), pushed.manifest);
    lies = ({ method }) => method === 'HEAD';
    await assert.rejects(target.resolve(pushed.manifest.digest), { code: 'BUNNY_EDIGEST' });
  });

  it('is not believed where a tag is read', async () => {
    lies = ({ method, url }) => method === 'GET' && (url ?? '').endsWith('/manifests/v1');
    await assert.rejects(target.fetchManifest('v1'), { code: 'BUNNY_EDIGEST' });
    lies = () => false;
    assert.deepEqual((await target.fetchManifest('v1'))?.descriptor.digest, pushed.manifest.digest);
  });

  it('is not believed to have stored what was pushed', async () => {
    lies = ({ method, url }) => method === 'PUT' && (url ?? '').includes('/manifests/');
    await assert.rejects(pushArtifact(target), { code: 'BUNNY_EDIGEST' });
  });
});
