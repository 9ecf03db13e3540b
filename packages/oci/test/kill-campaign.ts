import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Random } from 'bunny-libos-testing/faults/random.js';
import { readBytes } from '../src/content/content.js';
import type { Manifest } from '../src/content/descriptor.js';
import { parseManifest } from '../src/content/manifest-validation.js';
import { openTarget } from '../src/registry/open-target.js';
import { Store } from '../src/store/store.js';

const worker = fileURLToPath(new URL('./kill-worker.js', import.meta.url));

export interface KillResult {
  kills: number;
  /** Artifacts that were acknowledged by a process that may have been killed a moment later. */
  acknowledged: number;
}

/**
 * Starts publishers and pullers on one target and one store, all at the same time, and kills each at a
 * random instant, `kills` times. Then everything that was acknowledged must be there, the store must be
 * clean, and the next run must complete.
 */
export async function runKillCampaign(
  reference: string,
  storeDirectory: string,
  kills: number,
  seed: number,
): Promise<KillResult> {
  const random = new Random(seed);
  const acknowledged = new Map<string, string>();
  let done = 0;
  for (let round = 0; done < kills; round++) {
    const processes = [
      launch(['publish', reference, `a${round}`, '40'], acknowledged),
      launch(['publish', reference, `b${round}`, '40'], acknowledged),
      launch(['pull', reference, storeDirectory], acknowledged),
    ];
    await Promise.all(
      processes.map(async (each) => {
        await each.ready;
        await sleep(random.below(600));
        if (each.kill()) done++;
        await each.ended;
      }),
    );
  }
  await assertAllThere(reference, acknowledged);
  await assertStoreClean(storeDirectory);
  const last = [
    launch(['publish', reference, 'last', '2'], acknowledged),
    launch(['pull', reference, storeDirectory], acknowledged),
  ];
  for (const each of last) assert.equal(await each.ended, 0, 'the run after the kills does not complete');
  await assertAllThere(reference, acknowledged);
  await assertStoreClean(storeDirectory);
  return { kills: done, acknowledged: acknowledged.size };
}

interface Worker {
  /** Node has started, and the work begins. */
  ready: Promise<void>;
  /** Kills it; false where it had ended by itself. */
  kill(): boolean;
  /** Exit status; -1 where it was killed. */
  ended: Promise<number>;
}

function launch(args: string[], acknowledged: Map<string, string>): Worker {
  const child = spawn(process.execPath, [worker, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      resolve();
    });
    child.on('close', resolve);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('close', (status) => {
      // A line that was cut by the kill was not acknowledged.
      for (const line of output.split('\n').slice(0, -1)) {
        const [tag = '', digest = ''] = line.split(' ');
        if (digest !== '') acknowledged.set(tag, digest);
      }
      if (status !== null && status !== 0) reject(new Error(`a worker failed: ${errors}`));
      else resolve(status ?? -1);
    });
  });
  return { ready, kill: () => child.exitCode === null && child.kill('SIGKILL'), ended };
}

async function assertAllThere(reference: string, acknowledged: ReadonlyMap<string, string>): Promise<void> {
  const target = openTarget(reference);
  const tags = new Set(await target.tags());
  for (const [tag, digest] of acknowledged) {
    assert.ok(tags.has(tag), `${tag} was acknowledged and is not listed`);
    const found = await target.fetchManifest(tag);
    assert.equal(found?.descriptor.digest, digest, `${tag} was acknowledged and is another`);
    const manifest = parseManifest(found?.bytes ?? new Uint8Array(0), undefined, tag) as Manifest;
    for (const part of [manifest.config, ...manifest.layers]) await readBytes(target, part);
  }
}

/** Every blob has its digest, every tree that has its name is complete. */
async function assertStoreClean(directory: string): Promise<void> {
  const store = await Store.open(directory);
  const { corrupt } = await store.verify();
  assert.deepEqual(corrupt, []);
  for (const name of treesOf(directory)) {
    assert.deepEqual(
      readdirSync(path.join(directory, 'unpacked/layer', name)),
      ['object.o'],
      `the tree ${name} is incomplete`,
    );
  }
}

function treesOf(directory: string): string[] {
  try {
    return readdirSync(path.join(directory, 'unpacked/layer')).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}
