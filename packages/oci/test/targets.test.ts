import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import { type CraneRegistry, startCraneRegistry } from 'bunny-libos-testing/registries/crane.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import type { SpecRegistryOptions } from 'bunny-libos-testing/registries/spec/options.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { TokenServer } from 'bunny-libos-testing/registries/token-server.js';
import { MemoryTarget } from '../src/content/memory-target.js';
import { Pool } from '../src/content/pool.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { listRepositories, openTarget, type TargetOptions } from '../src/registry/open-target.js';
import { itKeepsTheContract } from './target-contract.js';

const login = { username: 'alice', password: 'rabbit:hole' };

describe('memory', () => {
  const targets = new Map<string, MemoryTarget>();
  itKeepsTheContract((repository) => {
    const target = targets.get(repository) ?? new MemoryTarget(repository);
    targets.set(repository, target);
    return target;
  });
});

describe('an image layout', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'bunny-layout-'));
  });
  after(() => removeTree(directory));
  itKeepsTheContract((repository) => openTarget(`oci:${directory}/layout:${repository}`));
});

describe("Debian's docker-registry", () => {
  let registry: DockerRegistry;
  before(async () => {
    registry = await startDockerRegistry();
  });
  after(() => registry.remove());
  itKeepsTheContract((repository) => openTarget(`${registry.host}/${repository}`, { chunkSize: 1_000_000 }));
});

describe("Debian's docker-registry with htpasswd", () => {
  let registry: DockerRegistry;
  before(async () => {
    registry = await startDockerRegistry({ login });
  });
  after(() => registry.remove());
  const options: TargetOptions = { credentials: async () => login };
  itKeepsTheContract((repository) => openTarget(`${registry.host}/${repository}`, options));
});

describe("Debian's docker-registry with a token server", () => {
  let registry: DockerRegistry;
  let tokens: TokenServer;
  before(async () => {
    tokens = await new TokenServer({ login, service: 'tests' }).start();
    const { realm, issuer, certificate } = tokens;
    registry = await startDockerRegistry({ token: { realm, service: 'tests', issuer, certificate } });
  });
  after(async () => {
    await registry.remove();
    await tokens.stop();
  });
  const options: TargetOptions = { credentials: async () => login };
  itKeepsTheContract((repository) => openTarget(`${registry.host}/${repository}`, options));
});

describe('the registry of go-containerregistry', () => {
  let registry: CraneRegistry;
  before(async function () {
    this.timeout(120_000);
    registry = await startCraneRegistry();
  });
  after(() => registry.stop());
  itKeepsTheContract((repository) => openTarget(`${registry.host}/${repository}`, { chunkSize: 1_000_000 }), {
    keepsTags: true,
  });

  it('lists thousands of tags and repositories to the end, though it never says that there are more', async () => {
    const target = openTarget(`${registry.host}/many`);
    const { manifest } = await pushArtifact(target);
    for (const count of [1000, 1001, 2100]) {
      const tags = Array.from({ length: count }, (_, i) => `v${i}`);
      const pool = new Pool(16);
      await Promise.all(tags.map((tag) => pool.run(() => target.tag(manifest, tag))));
      assert.deepEqual(await target.tags(), tags.sort(), String(count));
    }
    const names = Array.from({ length: 1100 }, (_, i) => `r${i}`);
    const pool = new Pool(16);
    await Promise.all(
      names.map((name) => pool.run(() => pushArtifact(openTarget(`${registry.host}/all/${name}`)))),
    );
    assert.deepEqual(await listRepositories(`${registry.host}/all`), names.sort());
  }).timeout(60_000);
});

const kinds: Record<string, SpecRegistryOptions> = {
  'a registry with all of distribution-spec 1.1': {},
  'a registry that pages its lists and redirects to storage': {
    pageSize: 3,
    redirectBlobs: true,
    noReferrersFilter: true,
  },
  'a registry without whole uploads and with large chunks': {
    noSinglePost: true,
    noWholePut: true,
    minimumChunk: 200_000,
  },
  'a registry with the least that is allowed': {
    noReferrers: true,
    noSinglePost: true,
    noMount: true,
    noRange: true,
    noTagDeletion: true,
    noDigestHeader: true,
  },
};

for (const [name, settings] of Object.entries(kinds)) {
  describe(name, () => {
    const registry = new SpecRegistry(settings);
    before(() => registry.start());
    after(() => registry.stop());
    itKeepsTheContract((repository) =>
      openTarget(`${registry.host}/${repository}`, { chunkSize: 64 * 1024, retry: { base: 10 } }),
    );
  });
}

describe('a registry that deletes nothing', () => {
  for (const noDeletion of [400, 405] as const) {
    it(`says so by ${noDeletion}, and is understood`, async () => {
      const registry = await new SpecRegistry({ noDeletion }).start();
      try {
        const target = openTarget(`${registry.host}/kept`);
        const { manifest, layer } = await pushArtifact(target, { tag: 'v1' });
        for (const name of ['v1', manifest.digest, layer.digest]) {
          await assert.rejects(target.delete(name), { code: 'BUNNY_EUNSUPPORTED' });
        }
        assert.ok(await target.exists(manifest));
      } finally {
        await registry.stop();
      }
    });
  }
});
