import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { type DockerRegistry, startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { packDirectory } from '../src/archive/directory-pack.js';
import { unpackArchive } from '../src/archive/unpack.js';
import { removeTree } from '../src/disk/remove-tree.js';
import { openTarget } from '../src/registry/open-target.js';
import { client, clientFile } from './parts/client.js';
import { compare, fresh, judged, scratch, timed } from './parts/contest.js';
import { type Item, item, listFile, makeLayers, publish } from './parts/layers.js';

/**
 * Pull, push, large blobs and unpacking, side by side with oras, skopeo, curl and tar: against one
 * docker-registry on loopback, cold client caches, medians of several rounds.
 * `node oci.js [ROUNDS] [NAME…]`: without names, everything.
 */
const [given, ...names] = process.argv.slice(2);
const rounds = Number(given ?? 5);

async function benchPull(registry: DockerRegistry, items: readonly Item[], title: string): Promise<void> {
  const list = listFile(items);
  const loop = items.map(({ repository }) => repository).join(' ');
  await compare(
    `pull ${title}`,
    [
      { name: 'bunny (digests pinned)', run: () => client('pull', list, fresh('store')) },
      {
        name: 'oras copy of one index',
        run: () =>
          judged(
            `oras copy --no-tty --from-plain-http ${registry.host}/bench/all:v1 --to-oci-layout ${fresh('oras')}:v1`,
          ),
      },
      {
        name: 'skopeo copy --all',
        run: () =>
          judged(
            `skopeo copy -q --all --preserve-digests --src-tls-verify=false docker://${registry.host}/bench/all:v1 oci:${fresh('skopeo')}:v1`,
          ),
      },
      {
        name: 'loop of oras pull',
        run: () => {
          const directory = fresh('loop');
          mkdirSync(directory);
          return judged(
            `cd ${directory}; for r in ${loop}; do oras pull --plain-http $r:v1 >/dev/null; done`,
          );
        },
      },
    ],
    rounds,
  );
}

/** Every round has a registry of its own, as a push finds nothing there. */
async function benchPush(source: DockerRegistry, items: readonly Item[], title: string): Promise<void> {
  const layouts = { oras: fresh('from-oras') };
  await judged(
    `oras copy --no-tty --from-plain-http ${source.host}/bench/all:v1 --to-oci-layout ${layouts.oras}:v1`,
  );
  const against = async (run: (host: string) => Promise<number>): Promise<number> => {
    const registry = await startDockerRegistry();
    try {
      return await run(registry.host);
    } finally {
      await registry.remove();
    }
  };
  const moved = (host: string): string =>
    listFile(items.map((each) => ({ ...each, repository: each.repository.replace(/^[^/]+/, host) })));
  const artifacts = items
    .map(({ repository, file }) => `${repository.replace(/^[^/]+/, '$H')}:v1,${path.basename(file)}`)
    .join(' ');
  await compare(
    `push ${title}`,
    [
      { name: 'bunny', run: () => against((host) => client('push', moved(host))) },
      {
        name: 'oras copy of one index',
        run: () =>
          against((host) =>
            judged(
              `oras copy --no-tty --to-plain-http --from-oci-layout ${layouts.oras}:v1 ${host}/bench/all:v1`,
            ),
          ),
      },
      {
        name: 'skopeo copy --all',
        run: () =>
          against((host) =>
            judged(
              `skopeo copy -q --all --preserve-digests --dest-tls-verify=false oci:${layouts.oras}:v1 docker://${host}/bench/all:v1`,
            ),
          ),
      },
      {
        name: 'loop of oras push',
        run: () =>
          against((host) =>
            judged(
              `H=${host}; for a in ${artifacts}; do oras push --plain-http $(eval echo "\${a%,*}") "\${a#*,}" >/dev/null; done`,
            ),
          ),
      },
    ],
    rounds,
  );
}

async function benchPresent(items: readonly Item[]): Promise<void> {
  const [list, store] = [listFile(items), fresh('store')];
  await client('pull', list, store);
  await compare(
    'pull with everything in the store (200 layers; no request)',
    [
      { name: 'bunny', run: () => client('pull', list, store) },
      { name: 'node -e 0', run: () => timed(process.execPath, '-e', '0') },
    ],
    rounds,
  );
}

/** One blob of 1 GiB, up and down. */
async function benchLarge(registry: DockerRegistry): Promise<void> {
  const file = path.join(scratch, 'large');
  const handle = openSync(file, 'w');
  const block = new Random(1).bytes(1 << 20);
  const hash = createHash('sha256');
  for (let i = 0; i < 1024; i++) {
    block.writeUInt32LE(i);
    hash.update(block);
    writeSync(handle, block);
  }
  const digest = `sha256:${hash.digest('hex')}`;
  const large: Item = {
    repository: `${registry.host}/bench/large`,
    descriptor: { mediaType: 'application/octet-stream', digest, size: 2 ** 30 },
    file,
  };
  const target = openTarget(large.repository);
  await target.push(large.descriptor, () => createReadStream(file, { highWaterMark: 1 << 18 }));
  const url = `http://${registry.host}/v2/bench`;
  const drop =
    (name: string) =>
    async (run: () => Promise<number>): Promise<number> => {
      const time = await run();
      rmSync(name, { recursive: true, force: true });
      return time;
    };
  const [store, plain] = [fresh('store'), fresh('curl')];
  await compare(
    '1 GiB down',
    [
      {
        name: 'bunny (verified, synced to disk)',
        run: () => drop(store)(() => client('pull', listFile([large]), store)),
      },
      {
        name: 'curl to a file, sha256sum beside',
        run: () =>
          drop(plain)(() =>
            timed(
              'bash',
              '-c',
              `set -o pipefail; curl -sS ${url}/large/blobs/${digest} | tee ${plain} | sha256sum`,
            ),
          ),
      },
    ],
    Math.min(rounds, 3),
  );
  const upload = (name: string): string =>
    `location=$(curl -sS -X POST -D - -o /dev/null ${url}/${name}/blobs/uploads/ | tr -d '\\r' | sed -n 's/^Location: //p'); ` +
    `sha256sum ${file} >/dev/null; curl -sS -f -X PUT -T ${file} -H 'Content-Type: application/octet-stream' "$location&digest=${digest}"`;
  const unlink = async (name: string): Promise<void> =>
    openTarget(`${registry.host}/bench/${name}`).delete(digest);
  await compare(
    '1 GiB up',
    [
      {
        name: 'bunny',
        run: async () => {
          await openTarget(`${registry.host}/bench/large`)
            .delete(digest)
            .catch(() => undefined);
          return await client('push', listFile([large]));
        },
      },
      {
        name: 'sha256sum, then curl',
        run: async () => {
          const time = await timed('bash', '-c', upload('by-curl'));
          await unlink('by-curl');
          return time;
        },
      },
    ],
    Math.min(rounds, 3),
  );
  process.env.BENCH_MEMORY = '1';
  const memory = execFileSync(process.execPath, [clientFile, 'pull', listFile([large]), fresh('store')], {
    encoding: 'utf8',
  });
  delete process.env.BENCH_MEMORY;
  console.log(`\npeak memory of the 1 GiB pull: ${Math.round(Number(memory) / 1024)} MiB`);
}

/** A tree like a tooling root: large binaries, some libraries, many headers. */
async function makeTooling(): Promise<{ file: string; bytes: number }> {
  const root = fresh('tooling');
  const random = new Random(60);
  const node = readFileSync(process.execPath);
  const write = (name: string, bytes: Uint8Array): void => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), bytes);
  };
  for (let i = 0; i < 8; i++) write(`usr/bin/tool-${i}`, node.subarray(i * 11_000_000, (i + 1) * 11_000_000));
  for (let i = 0; i < 40; i++)
    write(`usr/lib/lib${i}.so`, node.subarray(random.below(80_000_000)).subarray(0, 700_000));
  for (let i = 0; i < 1500; i++)
    write(
      `usr/include/d${i % 30}/h${i}.h`,
      node.subarray(random.below(90_000_000)).subarray(0, 4_000 + random.below(9_000)),
    );
  const file = fresh('tooling.tar.gz');
  const packed = await packDirectory(root, file);
  await removeTree(root);
  return { file, bytes: packed.size };
}

async function benchUnpack(archive: string): Promise<void> {
  await compare(
    `unpack a tooling layer (${(readFileSync(archive).length / 1e6).toFixed(0)} MB packed)`,
    [
      {
        name: 'bunny (in process)',
        run: async () => {
          const directory = fresh('tree');
          const started = performance.now();
          await unpackArchive(createReadStream(archive, { highWaterMark: 1 << 18 }), directory, {
            readOnly: true,
          });
          const time = performance.now() - started;
          await removeTree(directory);
          return time;
        },
      },
      {
        name: 'tar -xzf',
        run: async () => {
          const directory = fresh('tree');
          mkdirSync(directory);
          const time = await timed('tar', '-xzf', archive, '-C', directory);
          rmSync(directory, { recursive: true });
          return time;
        },
      },
    ],
    rounds,
  );
}

const wants = (name: string): boolean => names.length === 0 || names.includes(name);
const registry = await startDockerRegistry();
try {
  const items = makeLayers(`${registry.host}/bench`);
  const total = items.reduce((sum, each) => sum + each.descriptor.size, 0);
  console.log(
    `${items.length} layers, ${(total / 1e6).toFixed(1)} MB; ${rounds} rounds; Node ${process.version}`,
  );
  if (['pull', 'push', 'present', 'tooling'].some(wants)) await publish(registry.host, items);
  if (wants('pull')) await benchPull(registry, items, '200 layers');
  if (wants('push')) await benchPush(registry, items, '200 layers');
  if (wants('present')) await benchPresent(items);
  if (wants('tooling') || wants('unpack')) {
    const tooling = await makeTooling();
    await benchUnpack(tooling.file);
    if (wants('tooling')) {
      const layer = item(`${registry.host}/bench/tooling`, new Random(61).bytes(60_000_000), 'tooling-layer');
      await publish(registry.host, [...items, layer]);
      await benchPull(registry, [...items, layer], '200 layers and a tooling layer of 60 MB');
      await benchPush(registry, [...items, layer], '200 layers and a tooling layer of 60 MB');
    }
  }
  if (wants('large')) await benchLarge(registry);
} finally {
  await registry.remove();
  await removeTree(scratch);
}
