import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import nodeFetch from 'node-fetch';
import undici from 'undici';
import { pushBytes } from '../src/content/content.js';
import { Pool } from '../src/content/pool.js';
import { openTarget } from '../src/registry/open-target.js';

/**
 * What HTTP clients cost on top of the same docker-registry: 200 blobs and one of 256 MiB, hashed as
 * they come, eight connections kept alive. docs/decisions.md records the outcome.
 * `scripts/bench http-clients [ROUNDS]`
 */
const rounds = Number(process.argv[2] ?? 7);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const dispatcher = new undici.Agent({ connections: 8 });

async function hashed(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const hash = createHash('sha256');
  if (body !== null) for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

const clients: Record<string, (url: string) => Promise<string>> = {
  'node:http': (url) =>
    new Promise((resolve, reject) => {
      http.get(url, { agent }, (message) => hashed(message).then(resolve, reject)).on('error', reject);
    }),
  'node-fetch 3': async (url) =>
    hashed((await nodeFetch(url, { agent })).body as unknown as AsyncIterable<Uint8Array>),
  'undici 7, request': async (url) => hashed((await undici.request(url, { dispatcher })).body),
  'undici 7, fetch': async (url) =>
    hashed((await undici.fetch(url, { dispatcher })).body as AsyncIterable<Uint8Array>),
};

interface Cost {
  wall: number[];
  cpu: number[];
}

async function cost(into: Cost, action: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await action();
  into.wall.push(performance.now() - started);
  const used = process.cpuUsage(cpu);
  into.cpu.push((used.user + used.system) / 1000);
}

const median = (values: number[]): string =>
  ([...values].sort((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(0);

const registry = await startDockerRegistry();
try {
  const target = openTarget(`${registry.host}/bench`);
  const push = (size: number) => pushBytes(target, 'application/octet-stream', randomBytes(size));
  const small: { digest: string }[] = [];
  for (let i = 0; i < 200; i++) small.push(await push(5_000 + ((i * 7919) % 190_000)));
  const large = await push(256 * 2 ** 20);
  const url = (digest: string): string => `http://${registry.host}/v2/bench/blobs/${digest}`;
  const fetchOne = async (client: (url: string) => Promise<string>, digest: string): Promise<void> => {
    if (`sha256:${await client(url(digest))}` !== digest) throw new Error('wrong bytes');
  };
  const results = new Map(Object.keys(clients).map((name) => [name, [empty(), empty()] as const]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, client] of Object.entries(clients)) {
      const [many, one] = results.get(name) ?? [empty(), empty()];
      const pool = new Pool(8);
      await cost(many, async () => {
        await Promise.all(small.map(({ digest }) => pool.run(() => fetchOne(client, digest))));
      });
      await cost(one, () => fetchOne(client, large.digest));
    }
  }
  console.log(`medians of ${rounds} rounds, Node ${process.version}\n`);
  console.log('| | 200 blobs | its CPU | 256 MiB | its CPU |\n|---|---|---|---|---|');
  for (const [name, [many, one]] of results) {
    console.log(
      `| ${name} | ${median(many.wall)} ms | ${median(many.cpu)} ms | ${median(one.wall)} ms | ${median(one.cpu)} ms |`,
    );
  }
} finally {
  await registry.remove();
}
process.exit();

function empty(): Cost {
  return { wall: [], cpu: [] };
}
