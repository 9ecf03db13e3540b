import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Descriptor,
  indexType,
  joinReference,
  manifestType,
  openTarget,
  Pool,
  packDirectory,
  pushBytes,
  removeTree,
  unpackArchive,
} from '../src/index.js';
import { type RunningRegistry, startDockerRegistry } from '../test/docker-registry.js';
import { Random } from '../test/random.js';

/**
 * Pull, push, large blobs and unpacking, side by side with oras, skopeo, curl and tar: against one
 * docker-registry on loopback, cold client caches, medians of several rounds.
 * `node oci.js [ROUNDS] [NAME…]`: without names, everything.
 */
const [given, ...names] = process.argv.slice(2);
const rounds = Number(given ?? 5);
const worker = fileURLToPath(new URL('./workers/oci-client.js', import.meta.url));
const judgesScript = fileURLToPath(new URL('../../../../scripts/judges', import.meta.url));
const judges = execFileSync(judgesScript, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const scratch = mkdtempSync(path.join(tmpdir(), 'bunny-bench-'));

interface Item {
  repository: string;
  descriptor: Descriptor;
  file: string;
}

interface Contender {
  name: string;
  /** Milliseconds. */
  run: () => Promise<number>;
}

function timed(command: string, ...args: string[]): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 1 << 26 }, (error, _, errors) => {
      if (error === null) resolve(performance.now() - started);
      else reject(new Error(`${args.join(' ').slice(0, 300)}: ${errors.slice(0, 2000)}`));
    });
  });
}

const client = (...args: string[]): Promise<number> => timed(process.execPath, worker, ...args);

/** A shell command among the judges; one sandbox for all of it. */
function judged(script: string): Promise<number> {
  const files = [
    '--bind',
    judges,
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/tmp',
    '--bind',
    scratch,
    scratch,
  ];
  const environment = ['--chdir', scratch, '--setenv', 'HOME', scratch];
  return timed('bwrap', ...files, ...environment, '/bin/sh', '-ec', script);
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Runs the contenders in turn, so that what else the machine does hits all of them, and prints one table. */
async function compare(title: string, contenders: Contender[], times = rounds): Promise<void> {
  const results = contenders.map(() => [] as number[]);
  for (let round = 0; round < times; round++) {
    for (const [i, contender] of contenders.entries()) results[i]?.push(await contender.run());
  }
  const ours = median(results[0] ?? []);
  console.log(`\n## ${title}\n\n| | median | spread | of ours |\n|---|---|---|---|`);
  for (const [i, { name }] of contenders.entries()) {
    const all = results[i] ?? [];
    const spread = `${Math.min(...all).toFixed(0)}–${Math.max(...all).toFixed(0)}`;
    console.log(
      `| ${name} | ${median(all).toFixed(0)} ms | ${spread} | ${(median(all) / ours).toFixed(2)} |`,
    );
  }
}

let counter = 0;
/** A path that nothing has been at before: every cache is cold. */
const fresh = (name: string): string => path.join(scratch, `${name}-${counter++}`);

/** 200 layers of 5 to 500 KB, 20 MB in all; each in a repository of its own. */
function makeLayers(base: string): Item[] {
  const random = new Random(20);
  // Few large, many small, as libraries are.
  const sizes = Array.from({ length: 200 }, () => 5_000 + Math.floor(495_000 * random.next() ** 4.2));
  return sizes.map((size, i) => item(joinReference(base, `c${i}`), random.bytes(size), `layer-${i}`));
}

function item(repository: string, bytes: Uint8Array, name: string): Item {
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

function listFile(items: readonly Item[]): string {
  const file = fresh('list');
  writeFileSync(file, JSON.stringify(items));
  return file;
}

/** One artifact in each repository, for the loop; one index of them all in one repository, for the copies. */
async function publish(host: string, items: readonly Item[]): Promise<void> {
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
      const document = {
        schemaVersion: 2,
        mediaType: manifestType,
        config: await pushBytes(target, 'application/vnd.oci.image.config.v1+json', config),
        layers,
      };
      const manifest = await pushBytes(target, manifestType, Buffer.from(JSON.stringify(document)));
      if (target === own) await own.tag(manifest, 'v1');
      else manifests[i] = manifest;
    }
  };
  await Promise.all(items.map((each, i) => pool.run(() => publishOne(each, i))));
  const index = await pushBytes(
    all,
    indexType,
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests })),
  );
  await all.tag(index, 'v1');
}

async function benchPull(registry: RunningRegistry, items: readonly Item[], title: string): Promise<void> {
  const list = listFile(items);
  const loop = items.map(({ repository }) => repository).join(' ');
  await compare(`pull ${title}`, [
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
        return judged(`cd ${directory}; for r in ${loop}; do oras pull --plain-http $r:v1 >/dev/null; done`);
      },
    },
  ]);
}

/** Every round has a registry of its own, as a push finds nothing there. */
async function benchPush(source: RunningRegistry, items: readonly Item[], title: string): Promise<void> {
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
  await compare(`push ${title}`, [
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
  ]);
}

async function benchPresent(items: readonly Item[]): Promise<void> {
  const [list, store] = [listFile(items), fresh('store')];
  await client('pull', list, store);
  await compare('pull with everything in the store (200 layers; no request)', [
    { name: 'bunny', run: () => client('pull', list, store) },
    { name: 'node -e 0', run: () => timed(process.execPath, '-e', '0') },
  ]);
}

/** One blob of 1 GiB, up and down. */
async function benchLarge(registry: RunningRegistry): Promise<void> {
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
  const memory = execFileSync(process.execPath, [worker, 'pull', listFile([large]), fresh('store')], {
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
  await compare(`unpack a tooling layer (${(readFileSync(archive).length / 1e6).toFixed(0)} MB packed)`, [
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
  ]);
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
