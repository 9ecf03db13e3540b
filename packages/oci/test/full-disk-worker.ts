import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { packDirectory } from '../src/archive/directory-pack.js';
import { packArchive } from '../src/archive/pack.js';
import { describe as descriptorOf } from '../src/content/content.js';
import { OciError } from '../src/content/errors.js';
import { openTarget } from '../src/registry/open-target.js';
import { Store } from '../src/store/store.js';

/** Fills the small disk at the path it is given, in every way that this package writes, and prints what came of it. */
const disk = process.argv[2] ?? '';
const outcome: Record<string, unknown> = {};

async function attempt(name: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
    outcome[name] = 'done';
  } catch (error) {
    outcome[name] = error instanceof OciError ? error.code : String(error);
  }
}

const large = randomBytes(3_000_000);
const small = randomBytes(200_000);
const source = (content: Uint8Array) => ({
  name: 'source',
  async *fetch(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
  },
});

const store = await Store.open(`${disk}/store`);
const layer = await packArchive([{ path: 'd/zeros', content: Buffer.alloc(3_000_000) }]);
const layerDescriptor = descriptorOf('application/gzip', layer.bytes);
await attempt('large blob', () => store.ensure(descriptorOf('a/b', large), [source(large)]));
await attempt('unpacking', () => store.unpacked(layerDescriptor, [source(layer.bytes)]));
await attempt('layout', () => openTarget(`oci:${disk}/layout`).push(descriptorOf('a/b', large), large));
await attempt('packing', () => packDirectory('/usr/bin', `${disk}/packed.tar.gz`));
await attempt('small blobs', async () => {
  for (let i = 0; i < 20; i++) {
    small[0] = i;
    await store.put('a/b', Buffer.from(small));
  }
});
outcome.ingest = readdirSync(`${disk}/store/ingest`);
outcome.trees = readdirSync(`${disk}/store/unpacked/layer`);
outcome.packed = readdirSync(disk).filter((name) => name.startsWith('packed'));
outcome.corrupt = (await store.verify()).corrupt;
console.log(JSON.stringify(outcome));
