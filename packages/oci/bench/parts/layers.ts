import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { pushBytes } from '../../src/content/content.js';
import { type Descriptor, imageConfigType } from '../../src/content/descriptor.js';
import { packIndex, packManifest } from '../../src/content/manifest-writing.js';
import { Pool } from '../../src/content/pool.js';
import { joinReference } from '../../src/content/reference.js';
import { openTarget } from '../../src/registry/open-target.js';
import { fresh, scratch } from './contest.js';

/** A layer, where it is published, and the file that holds it. */
export interface Item {
  repository: string;
  descriptor: Descriptor;
  file: string;
}

/** 200 layers of 5 to 500 KB, 20 MB in all; each in a repository of its own. */
export function makeLayers(base: string): Item[] {
  const random = new Random(20);
  // Few large, many small, as libraries are.
  const sizes = Array.from({ length: 200 }, () => 5_000 + Math.floor(495_000 * random.next() ** 4.2));
  return sizes.map((size, i) => item(joinReference(base, `c${i}`), random.bytes(size), `layer-${i}`));
}

export function item(repository: string, bytes: Uint8Array, name: string): Item {
  const file = path.join(scratch, name);
  writeFileSync(file, bytes);
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return {
    repository,
    descriptor: {
      mediaType: 'application/vnd.bunny.component.layer.v1.tar+gzip',
      digest,
      size: bytes.length,
    },
    file,
  };
}

/** What the client of the bench reads. */
export function listFile(items: readonly Item[]): string {
  const file = fresh('list');
  writeFileSync(file, JSON.stringify(items));
  return file;
}

/** One artifact in each repository, for the loop; one index of them all in one repository, for the copies. */
export async function publish(host: string, items: readonly Item[]): Promise<void> {
  const all = openTarget(`${host}/bench/all`);
  const config = Buffer.from('{}');
  const manifests: Descriptor[] = [];
  const pool = new Pool(8);
  const publishOne = async (each: Item, i: number): Promise<void> => {
    const bytes = readFileSync(each.file);
    const own = openTarget(each.repository);
    for (const target of [own, all]) {
      await target.push(each.descriptor, bytes);
      const layers = [
        { ...each.descriptor, annotations: { 'org.opencontainers.image.title': path.basename(each.file) } },
      ];
      const manifest = await packManifest(target, {
        config: await pushBytes(target, imageConfigType, config),
        layers,
      });
      if (target === own) await own.tag(manifest, 'v1');
      else manifests[i] = manifest;
    }
  };
  await Promise.all(items.map((each, i) => pool.run(() => publishOne(each, i))));
  await all.tag(await packIndex(all, { manifests }), 'v1');
}
