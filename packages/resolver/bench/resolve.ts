import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool, removeTree } from 'bunny-libos-oci';
import { framework, Publisher } from 'bunny-libos-testing/frameworks/burrow.js';
import { startDockerRegistry } from 'bunny-libos-testing/registries/docker.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

// Resolves a closure of 100 components with five versions each from Debian's docker-registry on loopback:
// the bundled command, whole processes. Goals: cold within 1 s; warm within 0.15 s.
const bunny = repositoryFile('packages/cli/bundle/bunny.cjs');
const components = 100;
const versions = ['1.0.0', '1.0.1', '1.1.0', '1.2.0', '2.0.0'];
const rounds = 9;

const place = await mkdtemp(join(tmpdir(), 'bunny-bench-'));
const registry = await startDockerRegistry();

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
  const text = await readFile(lock, 'utf8');
  await measure('cached, a dependency added to the lock', [bunny], resolve(more), () =>
    writeFile(lock, text),
  );
  await measure('up to date, its pins checked', [bunny], resolve(app), () => writeFile(lock, text));
  await measure('the same, frozen and offline', [bunny], resolve(app, '--frozen', '--offline'), () =>
    writeFile(lock, text),
  );

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
          await publisher.component(`c${index}`, version, {
            dependencies: needs(index),
            options: [{ log: false }, { log: true }],
          });
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
