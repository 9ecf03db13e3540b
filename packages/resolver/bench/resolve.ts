import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { updateVersionIndex } from 'bunny-libos-namespace';
import { manifestType, Pool, removeTree } from 'bunny-libos-oci';
import { toolingRepository } from 'bunny-libos-spec';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';
import { readSigningKey, signManifest, stateVariants } from 'bunny-libos-trust';

// Resolves a closure of 100 components with five versions each from Debian's docker-registry on loopback:
// the bundled command, whole processes. Goals: cold within 1 s; warm within 0.15 s; with a policy 1.3 times that cold, and
// 1.05 times warm.
const bunny = repositoryFile('packages/cli/bundle/bunny.cjs');
const components = 100;
const versions = ['1.0.0', '1.0.1', '1.1.0', '1.2.0', '2.0.0'];
const rounds = 9;

const place = await mkdtemp(join(tmpdir(), 'bunny-bench-'));
const registry = await startDockerRegistry();
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const key = await readSigningKey(pem, 'bench', async () => '');

try {
  await publish();
  const app = join(place, 'app');
  const lock = join(place, 'bunny.lock');
  const cache = join(place, 'cache');
  const lines = `version: v0.1\nname: app\nplatforms: { framework: ${framework} }\ntargets: [amd64/qemu]\n`;
  await writeFile(app, `${lines}dependencies: { c0: ^1.0 }\n`);
  const more = join(place, 'more');
  await writeFile(more, `${lines}dependencies: { c0: ^1.0, added: "*" }\n`);
  const resolve = (file: string, ...words: string[]) => [
    'resolve',
    '-f',
    file,
    '--from',
    registry.host,
    '-q',
    ...words,
  ];
  const withoutLock = () => rm(lock, { force: true });

  await run(['--version'], cache);
  console.log(
    `${components} components of ${versions.length} versions, one target; medians of ${rounds} runs, without NODE_EXTRA_CA_CERTS`,
  );
  await measure('node -e 0', ['-e', '0'], [], async () => {});
  await measure('bunny --version', [bunny], ['--version'], async () => {});
  await measure('cold: neither cache nor lock', [bunny], resolve(app), async () => {
    await withoutLock();
    await removeTree(cache);
  });
  await measure('cached, no lock: lists of tags', [bunny], resolve(app), withoutLock);
  await inForce(true);
  await measure('cold, with a policy', [bunny], resolve(app), async () => {
    await withoutLock();
    await removeTree(cache);
  });
  await inForce(false);
  const text = await readFile(lock, 'utf8');
  await measure('cached, a dependency added to the lock', [bunny], resolve(more), () =>
    writeFile(lock, text),
  );
  await measure('up to date, its pins checked', [bunny], resolve(app), () => writeFile(lock, text));
  await inForce(true);
  await measure('up to date, with a policy', [bunny], resolve(app), () => writeFile(lock, text));
  await inForce(false);
  await measure('the same, frozen and offline', [bunny], resolve(app, '--frozen', '--offline'), () =>
    writeFile(lock, text),
  );

  /** Puts a policy beside the app, by which all has to be signed, or takes it away. */
  async function inForce(isThere: boolean) {
    const policy = join(place, 'bunny-policy.yaml');
    const keys = { libos: key.publicKey.pem };
    const text = JSON.stringify({ keys, rules: [{ match: '**', signers: ['libos'] }] });
    await (isThere ? writeFile(policy, text) : rm(policy));
  }

  async function measure(name: string, program: string[], words: string[], before: () => Promise<unknown>) {
    const times: number[] = [];
    let requests = 0;
    for (let round = 0; round <= rounds; round++) {
      await before();
      const asked = registry.requests.length;
      const milliseconds = await run([...program, ...words], cache);
      requests = registry.requests.length - asked;
      // The first warms up.
      if (round > 0) times.push(milliseconds);
    }
    times.sort((left, right) => left - right);
    const range = `${times[0]?.toFixed(0)} to ${times.at(-1)?.toFixed(0)}`;
    const median = (times[rounds >> 1] ?? Number.NaN).toFixed(0);
    console.log(`  ${name.padEnd(40)} ${median.padStart(5)} ms (${range})  ${requests} requests`);
  }
} finally {
  await registry.remove();
  await removeTree(place);
}

/** A closure of layers of ten, each component needing three of the layer below, and one that is not in it. */
async function publish(): Promise<void> {
  const publisher = new Publisher(registry.host);
  await publisher.tooling();
  const tooling = publisher.repository(toolingRepository);
  const found = await tooling.fetchManifest('1.0.0');
  const { annotations } = JSON.parse(Buffer.from(found?.bytes ?? []).toString());
  const digest = found?.descriptor.digest ?? '';
  const descriptor = { mediaType: manifestType, digest, size: found?.bytes.length ?? 0 };
  const subject = {
    digest,
    repository: `${registry.host}/${framework}/${toolingRepository}`,
    layerHash: annotations['io.github.bunny-libos.layer-hash'],
  };
  await signManifest(tooling, descriptor, subject, key);
  const width = 10;
  const needs = (index: number): Record<string, string> => {
    const below = (Math.floor(index / width) + 1) * width;
    const names = [0, 1, 3].map((step) => below + ((index + step) % width));
    const next =
      index === 0 ? [...names, ...Array.from({ length: width - 1 }, (_, each) => each + 1)] : names;
    return Object.fromEntries(next.filter((each) => each < components).map((each) => [`c${each}`, '^1.0']));
  };
  const pool = new Pool(8);
  await Promise.all(
    Array.from({ length: components }, (_, index) =>
      pool.run(async () => {
        for (const version of versions) {
          const name = `c${index}`;
          const published = await publisher.component(name, version, {
            dependencies: needs(index),
            options: [{ log: false }, { log: true }],
          });
          const variants = published.map(({ manifest: { digest }, layerHash }) => ({ digest, layerHash }));
          const target = publisher.repository(name);
          const repository = `${registry.host}/${framework}/${name}`;
          await stateVariants(target, { repository, version, variants }, key);
          await updateVersionIndex(target, version);
        }
      }),
    ),
  );
  await publisher.component('added', '1.0.0', { dependencies: { c5: '^1.0' } });
}

async function run(words: readonly string[], cache: string): Promise<number> {
  const start = performance.now();
  const child = spawn(process.execPath, words[0] === '--version' ? [bunny, ...words] : [...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH, BUNNY_CACHE: cache, HOME: '/nonexistent' },
  });
  const status = await new Promise<number | null>((ended) => child.once('close', ended));
  if (status !== 0) throw new Error(`bunny ${words.join(' ')} ended with status ${status}`);
  return performance.now() - start;
}
