import { writeSync } from 'node:fs';
import { pushArtifact } from 'bunny-libos-testing/registries/artifacts.js';
import type { Manifest } from '../src/content/descriptor.js';
import { parseManifest } from '../src/content/manifest-validation.js';
import { openTarget } from '../src/registry/open-target.js';
import { Store } from '../src/store/store.js';

/**
 * A process that is made to be killed. It says `ready`, then works: `node kill-worker.js publish REFERENCE NAME COUNT` pushes
 * artifacts and prints each tag and digest once it is acknowledged; `… pull REFERENCE STORE` brings
 * all tags into a store and unpacks them.
 */
const [role = '', reference = '', name = '', count = '0'] = process.argv.slice(2);
const target = openTarget(reference);

async function publish(): Promise<void> {
  for (let i = 0; i < Number(count); i++) {
    const tag = `${name}-${i}`;
    const { manifest } = await pushArtifact(target, { tag, size: 20_000 });
    // Written at once: a line that was printed was acknowledged.
    writeSync(1, `${tag} ${manifest.digest}\n`);
  }
}

async function pull(): Promise<void> {
  const store = await Store.open(name);
  for (const tag of await target.tags()) {
    const found = await target.fetchManifest(tag);
    if (found === undefined) continue;
    await store.put(found.descriptor.mediaType, found.bytes);
    const manifest = parseManifest(found.bytes, undefined, tag) as Manifest;
    for (const layer of manifest.layers) await store.unpacked(layer, [target]);
  }
}

// From here on every instant is one to be killed at.
writeSync(1, 'ready\n');
await (role === 'publish' ? publish() : pull());
