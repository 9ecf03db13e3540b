import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { SpecRegistry } from 'bunny-libos-testing/registries/spec/registry.js';
import { packManifest } from '../src/content/manifest-writing.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { listRepositories, openTarget } from '../src/registry/open-target.js';

/** Pushes a manifest, tagged `one`, to a repository. */
async function fill(reference: string): Promise<void> {
  const target = openTarget(reference);
  await target.tag(await packManifest(target, { artifactType: 'application/vnd.test' }), 'one');
}

describe('listRepositories', () => {
  const names = ['libos/warren/libc', 'libos/warren/time', 'libos/warrens/x', 'other/y'];

  it('lists those of an image layout, by path from the namespace', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'bunny-repositories-'));
    try {
      for (const name of names) await fill(`oci:${directory}:${name}`);
      assert.deepEqual(await listRepositories(`oci:${directory}`), names);
      assert.deepEqual(await listRepositories(`oci:${directory}:libos/warren`), ['libc', 'time']);
      assert.deepEqual(await listRepositories(`oci:${directory}/nothing`), []);
    } finally {
      await removeTree(directory);
    }
  });

  it('lists those of a registry that tells', async () => {
    const registry = await startDockerRegistry();
    try {
      for (const name of names) await fill(`${registry.host}/${name}`);
      assert.deepEqual(await listRepositories(registry.host), names);
      assert.deepEqual(await listRepositories(`${registry.host}/libos/warren`), ['libc', 'time']);
    } finally {
      await registry.remove();
    }
  });

  it('knows that a registry does not tell', async () => {
    const registry = await new SpecRegistry({}).start();
    try {
      assert.equal(await listRepositories(registry.host), undefined);
    } finally {
      await registry.stop();
    }
  });
});
