import { createReadStream, readFileSync } from 'node:fs';
import type { Descriptor } from '../../src/content/descriptor.js';
import { Pool } from '../../src/content/pool.js';
import { openTarget } from '../../src/registry/open-target.js';
import { Store } from '../../src/store/store.js';

/**
 * One run of the client in a process of its own, as the peers are: `node oci-client.js ROLE ARGUMENT...`
 *   pull LIST STORE     brings what LIST names (JSON: repository, descriptor) into a store
 *   push LIST           pushes what LIST names (JSON: repository, descriptor, file)
 *   unpack LIST STORE   as pull, and unpacks each
 */
interface Item {
  repository: string;
  descriptor: Descriptor;
  file: string;
}

const [role = '', list = '', directory = ''] = process.argv.slice(2);
// The largest first, so that what ends last is small.
const items = (JSON.parse(readFileSync(list, 'utf8')) as Item[]).sort(
  (a, b) => b.descriptor.size - a.descriptor.size,
);
const pool = new Pool(32);

async function pull(): Promise<void> {
  const store = await Store.open(directory);
  await Promise.all(
    items.map(({ repository, descriptor }) =>
      pool.run(() => {
        const sources = [openTarget(repository)];
        return role === 'unpack' ? store.unpacked(descriptor, sources) : store.ensure(descriptor, sources);
      }),
    ),
  );
}

async function push(): Promise<void> {
  const small = 4 * 1024 * 1024;
  await Promise.all(
    items.map(({ repository, descriptor, file }) =>
      pool.run(() => {
        const content =
          descriptor.size <= small
            ? readFileSync(file)
            : () => createReadStream(file, { highWaterMark: 1 << 18 });
        return openTarget(repository).push(descriptor, content);
      }),
    ),
  );
}

async function main(): Promise<void> {
  await (role === 'push' ? push() : pull());
  if (process.env.BENCH_MEMORY) console.log(process.resourceUsage().maxRSS);
}

void main();
